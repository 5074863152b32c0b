-- The workers that hold jobs but no longer their liveness lock, as far as their lock tells.
select distinct job.worker as "worker!"
from job
where job.state = 'running'
    and not exists (
        select
        from worker
        where worker.number = job.worker
            and not worker.lock_tells
    )
    and not exists (
        select
        from pg_locks
        where pg_locks.locktype = 'advisory'
            and pg_locks.database = (select oid from pg_database where datname = current_database())
            and pg_locks.classid = 7411
            and pg_locks.objid = job.worker::bigint::oid
            and pg_locks.objsubid = 2
            and pg_locks.granted
    )

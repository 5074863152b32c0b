-- How the deaths of those who hold jobs would be noticed: by the lock that they hold, or only when their leases end.
select
    count(*) filter (where not worker.lock_tells) as "by_lease_only!",
    count(*) filter (
        where worker.lock_tells
            and not exists (
                select
                from pg_locks
                where pg_locks.locktype = 'advisory'
                    and pg_locks.database = (select oid from pg_database where datname = current_database())
                    and pg_locks.classid = 7411
                    and pg_locks.objid = worker.number::bigint::oid
                    and pg_locks.objsubid = 2
                    and pg_locks.granted
            )
    ) as "without_lock!"
from worker
where exists (
    select
    from job
    where job.worker = worker.number
        and job.state = 'running'
)

-- A first start is not noted as progress as well: until a job gets further, it last did when it was started.

create or replace view sluice.stuck_jobs as
with looked_at as (
    select
        job.*,
        exists (
            select
            from pg_locks
            where pg_locks.locktype = 'advisory'
                and pg_locks.database = (select oid from pg_database where datname = current_database())
                and pg_locks.classid = 7411
                and pg_locks.objid = job.worker::bigint::oid
                and pg_locks.objsubid = 2
                and pg_locks.granted
        ) as has_lock,
        exists (
            select
            from job as holder
            where holder.connection_id = job.connection_id
                and holder.lane = job.lane
                and holder.state = 'running'
        ) as lane_is_busy,
        (
            select count(*)
            from job as running
            where running.connection_id = job.connection_id
                and running.state = 'running'
        ) as running
    from job
    where job.state in ('queued', 'running')
),
judged as (
    select
        looked_at.*,
        worker.name as server,
        case
            when looked_at.state = 'running' and lease_until < now() then 'lease_over'
            when looked_at.state = 'running' and not has_lock and coalesce(worker.lock_tells, true) then 'holder_gone'
            when looked_at.state = 'running' and waiting_reason is not null and coalesce(looked_at.progressed_at, looked_at.started_at) < now() - interval '15 minutes'
                then 'odoo_away'
            when looked_at.state = 'running' and waiting_reason is null and coalesce(looked_at.progressed_at, looked_at.started_at) < now() - interval '15 minutes'
                then 'no_progress'
            when looked_at.state = 'queued' and failure_count > 0 then 'retries'
            when looked_at.state = 'queued' and run_at < now() - interval '5 minutes' and lane_is_busy then 'lane_busy'
            when looked_at.state = 'queued' and run_at < now() - interval '5 minutes' and running >= share.max_running
                then 'share_used_up'
            when looked_at.state = 'queued' and run_at < now() - interval '5 minutes' then 'no_worker'
        end as why
    from looked_at
    join share on share.connection_id = looked_at.connection_id
    left join worker on worker.number = looked_at.worker
)
select
    judged.id as job_id,
    connection.name as connection,
    judged.kind,
    judged.title,
    judged.state,
    judged.why,
    -- Since when, as far as the job tells.
    case judged.state when 'running' then coalesce(judged.progressed_at, judged.started_at) else judged.run_at end as since,
    judged.attempt,
    judged.failure_count,
    judged.waiting_reason,
    judged.error_code,
    judged.error_message,
    judged.server,
    judged.lease_until
from judged
join connection on connection.id = judged.connection_id
where judged.why is not null;

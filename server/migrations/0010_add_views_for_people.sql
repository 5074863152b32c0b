-- What an administrator looks at with any SQL client. Each `why` has its paragraph in server/RUNBOOK.md.

create schema if not exists sluice;

create view sluice.import_status as
select
    job.id as job_id,
    connection.name as connection,
    job.title,
    job.state,
    -- "pause" or "cancel", until the holder comes to it.
    job.requested,
    job.attempt,
    job.retry_count,
    job.rows_total,
    job.rows_done,
    case when job.rows_total > 0 then round(100.0 * job.rows_done / job.rows_total, 1) end as percent,
    job.created_count,
    job.updated_count,
    job.unchanged_count,
    job.skipped_count,
    job.error_count,
    job.waiting_reason,
    job.error_code,
    job.error_message,
    worker.name as server,
    job.lease_until,
    job.progressed_at,
    job.created_at,
    job.run_at,
    job.started_at,
    job.finished_at
from job
join connection on connection.id = job.connection_id
left join worker on worker.number = job.worker
where job.kind = 'supplier_import';

create view sluice.stuck_jobs as
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
            when looked_at.state = 'running' and waiting_reason is not null and progressed_at < now() - interval '15 minutes'
                then 'odoo_away'
            when looked_at.state = 'running' and waiting_reason is null and progressed_at < now() - interval '15 minutes'
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

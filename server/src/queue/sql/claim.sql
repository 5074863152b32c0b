-- Gives due jobs of locked shares to a worker: due, priority, then fair share; no more than each share.
-- One per lane, and whoever began in a lane first: a list that was interrupted must not go on over a later one.
with load as (
    select share.connection_id, share.max_running, count(job.id) as running
    from share
    left join job on job.connection_id = share.connection_id and job.state = 'running'
    where share.connection_id = any($1::uuid[])
    group by share.connection_id
),
due as (
    select first_due.*, load.running, load.max_running
    from load
    cross join lateral (
        select job.id, job.connection_id, job.lane, job.priority, job.run_at
        from job
        where job.connection_id = load.connection_id
            and job.state = 'queued'
            and job.run_at <= now()
            and job.kind = any($2)
            -- A look into the index for each job, which `not exists` would not be: that becomes a join, planned for few running jobs.
            and (
                select holder.id
                from job as holder
                where holder.connection_id = job.connection_id
                    and holder.lane = job.lane
                    and holder.state = 'running'
                limit 1
            ) is null
            and (
                select begun.id
                from job as begun
                where begun.connection_id = job.connection_id
                    and begun.lane = job.lane
                    and begun.state = 'queued'
                    and begun.started_at < coalesce(job.started_at, 'infinity')
                limit 1
            ) is null
        order by job.priority desc, job.run_at, job.id
        limit $3
        for no key update skip locked
    ) as first_due
),
first_of_lane as (
    select
        due.*,
        row_number() over (
            partition by connection_id, coalesce(lane, id::text)
            order by priority desc, run_at, id
        ) as place_in_lane
    from due
),
ranked as (
    select
        first_of_lane.*,
        running + row_number() over (partition by connection_id order by priority desc, run_at, id) as would_run
    from first_of_lane
    where place_in_lane = 1
),
chosen as (
    select id
    from ranked
    where would_run <= max_running
    order by priority desc, would_run, run_at, id
    limit $3
),
claimed as (
    update job
    set state = 'running',
        attempt = job.attempt + 1,
        worker = $4,
        lease_until = now() + make_interval(secs => $5),
        progressed_at = now(),
        started_at = coalesce(job.started_at, now())
    from chosen
    where job.id = chosen.id
        and job.state = 'queued'
    returning
        job.id, job.connection_id, job.kind, job.spec, job.attempt, job.failure_count, job.checkpoint,
        job.rows_total, job.rows_done, job.created_count, job.updated_count, job.unchanged_count, job.skipped_count,
        job.error_count
),
served as (
    update share
    set served_at = clock_timestamp()
    where connection_id in (select connection_id from claimed)
)
select
    id as "id: _", connection_id as "connection: _", kind, spec, attempt, failure_count, checkpoint,
    rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count
from claimed

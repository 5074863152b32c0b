-- Gives due jobs to a worker: of the connections whose turn it is, no more than each one's share, and one per lane.
-- Whose turn: the highest priority waiting, then the fewest running, then whoever waited longest.
-- Within a lane whoever began first: a list that was interrupted must not go on over a later one.
with due as (
    select
        share.connection_id, share.served_at, share.max_running, load.running,
        first_due.id, first_due.lane, first_due.priority, first_due.run_at, first_due.state
    from share
    cross join lateral (
        select count(*) as running
        from job
        where job.connection_id = share.connection_id
            and job.state = 'running'
    ) as load
    cross join lateral (
        select job.id, job.lane, job.priority, job.run_at, job.state
        from job
        where job.connection_id = share.connection_id
            and job.state = 'queued'
            and job.run_at <= now()
            and job.kind = any($1)
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
        -- Some may be of one lane, of which only the first is taken; of the others whoever asks next takes more.
        limit least($2, 4 * (share.max_running - load.running))
    ) as first_due
    where load.running < share.max_running
),
turn as (
    select connection_id, served_at
    from due
    group by connection_id, served_at, running
    order by max(priority) desc, running, served_at
    limit $2
),
-- No other claim may change the counts that were just taken: whoever is served at this moment is skipped, and so is who was
-- served since this statement's view began, whose row is looked at again once it is locked and then says another time.
-- A no-key lock, so that jobs can be enqueued meanwhile.
locked as (
    select share.connection_id
    from turn
    join share on share.connection_id = turn.connection_id and share.served_at = turn.served_at
    for no key update of share skip locked
),
first_of_lane as (
    select
        due.*,
        row_number() over (
            partition by connection_id, coalesce(lane, id::text) collate "C"
            order by priority desc, run_at, id
        ) as place_in_lane
    from locked
    join due using (connection_id)
),
ranked as (
    select
        first_of_lane.*,
        running + row_number() over (partition by connection_id order by priority desc, run_at, id) as would_run
    from first_of_lane
    where place_in_lane = 1
),
chosen as (
    select id, state
    from ranked
    where would_run <= max_running
    order by priority desc, would_run, run_at, id
    limit $2
),
claimed as (
    update job
    set state = 'running',
        attempt = job.attempt + 1,
        worker = $3,
        lease_until = now() + make_interval(secs => $4),
        -- A first start says it by itself.
        progressed_at = case when job.started_at is not null then now() end,
        started_at = coalesce(job.started_at, now()),
        -- The row tells of its first start, unless something happened to the job before.
        told_count = case when job.attempt = 0 and job.retry_count = 0 and job.told_count = 1 then 2 else job.told_count end
    from chosen
    -- Whoever changes one of them at this moment is waited for. With 'queued' here, the planner would look among all that wait.
    where job.id = chosen.id
        and job.state = chosen.state
    returning
        job.id, job.connection_id, job.kind, job.spec, job.attempt, job.failure_count, job.checkpoint,
        job.told_count,
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
    coalesce(rows_total, 0) as "rows_total!", coalesce(rows_done, 0) as "rows_done!",
    coalesce(created_count, 0) as "created_count!", coalesce(updated_count, 0) as "updated_count!",
    coalesce(unchanged_count, 0) as "unchanged_count!", coalesce(skipped_count, 0) as "skipped_count!",
    coalesce(error_count, 0) as "error_count!",
    case
        when attempt > 1 or told_count < 2 then
            tell(
                id, 'started', attempt,
                case
                    when attempt = 1 then 'started'
                    when rows_done > 0 then format('attempt %s goes on after row %s', attempt, rows_done)
                    else format('attempt %s started', attempt)
                end,
                rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count
            )
    end as told_seq
from claimed

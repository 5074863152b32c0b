-- Locks the shares of the connections whose turn it is, so that no other claim can change the counts of the next statement.
-- Whose turn: the highest priority waiting, then the fewest running, then whoever waited longest.
-- A no-key lock, so that jobs can be enqueued meanwhile.
select share.connection_id
from share
cross join lateral (
    select job.priority
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
    limit 1
) as first_due
cross join lateral (
    select count(*) as running
    from job
    where job.connection_id = share.connection_id
        and job.state = 'running'
) as load
where load.running < share.max_running
order by first_due.priority desc, load.running, share.served_at
limit $2
for no key update of share skip locked

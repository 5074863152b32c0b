-- How busy the queue is.
select
    count(*) filter (where state = 'queued' and run_at <= now()) as "due!",
    count(*) filter (where state = 'running') as "running!",
    coalesce(
        extract(epoch from now() - min(run_at) filter (where state = 'queued' and run_at <= now())),
        0
    )::float8 as "oldest_seconds!"
from job
where state in ('queued', 'running')

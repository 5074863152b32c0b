-- How busy the queue is.
select
    count(*) filter (where state = 'queued' and run_at <= now()) as "due!",
    count(*) filter (where state = 'running') as "running!",
    coalesce(
        extract(epoch from now() - min(run_at) filter (where state = 'queued' and run_at <= now())),
        0
    )::float8 as "oldest_seconds!",
    (
        select count(*)
        from pg_locks
        where locktype = 'advisory'
            and classid = 7411
            and objsubid = 2
            and granted
            and database = (select oid from pg_database where datname = current_database())
    ) as "workers_alive!"
from job
where state in ('queued', 'running')

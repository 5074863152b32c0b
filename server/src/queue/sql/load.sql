-- How busy the queue is. Finished jobs, which are most, are not looked at.
select
    waiting.due as "due!",
    held.running as "running!",
    waiting.oldest_seconds as "oldest_seconds!",
    held.shortest_lease_seconds,
    (
        select count(*)
        from pg_locks
        where locktype = 'advisory'
            and classid = 7411
            and objsubid = 2
            and granted
            and database = (select oid from pg_database where datname = current_database())
    ) as "workers_alive!"
from (
    select
        count(*) as due,
        coalesce(extract(epoch from now() - min(run_at)), 0)::float8 as oldest_seconds
    from job
    where state = 'queued'
        and run_at <= now()
) as waiting
cross join (
    select
        count(*) as running,
        extract(epoch from min(lease_until) - now())::float8 as shortest_lease_seconds
    from job
    where state = 'running'
) as held

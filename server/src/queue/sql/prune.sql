-- Drops jobs that finished long ago, some at a time, after a place in their order.
-- Ids sort by creation on the servers' clocks, so nothing that was made a day after the limit can be old enough.
with old as (
    select id
    from job
    where id > $2
        and id < (
            lpad(to_hex((extract(epoch from now() - make_interval(secs => $1) + interval '1 day') * 1000)::bigint), 12, '0')
            || repeat('f', 20)
        )::uuid
        and finished_at < now() - make_interval(secs => $1)
    order by id
    limit 1000
    for update skip locked
)
delete from job
using old
where job.id = old.id
returning job.id as "id: JobId"

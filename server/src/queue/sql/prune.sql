-- Drops jobs that finished long ago, some at a time.
with old as (
    select id
    from job
    where finished_at < now() - make_interval(secs => $1)
    order by finished_at
    limit 1000
    for update skip locked
)
delete from job
using old
where job.id = old.id
returning job.id as "id: JobId"

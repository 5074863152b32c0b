-- The latest seq of each of these jobs.
select asked.job_id as "job!: JobId", last.seq as "last_seq!"
from unnest($1::uuid[]) as asked (job_id)
cross join lateral (
    select seq
    from story_line
    where job_id = asked.job_id
    order by seq desc
    limit 1
) as last

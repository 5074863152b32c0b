-- Where a job's story begins and ends, as far as it is kept.
select last.seq as "last_seq!", first.seq as "oldest_seq!"
from (
    select seq
    from story_line
    where job_id = $1
    order by seq desc
    limit 1
) as last
cross join (
    select seq
    from story_line
    where job_id = $1
    order by seq
    limit 1
) as first

-- The oldest job that holds a lane or waits for it.
select id as "id: JobId"
from job
where connection_id = $1
    and lane = $2
    and state in ('queued', 'running', 'paused')
order by id
limit 1

-- A job that waits already to do the same in the same lane.
select id as "id: JobId"
from job
where connection_id = $1
    and lane = $2
    and kind = $3
    and spec = $4
    and state = 'queued'
order by id
limit 1

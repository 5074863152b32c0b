-- The jobs that these workers hold.
select id as "id: JobId", attempt
from job
where state = 'running'
    and worker = any($1)

-- The jobs that are held but got no further for too long; waiting for another system is not being stuck.
select id as "id: JobId", attempt
from job
where state = 'running'
    and waiting_reason is null
    and coalesce(progressed_at, started_at) < now() - make_interval(secs => $1)

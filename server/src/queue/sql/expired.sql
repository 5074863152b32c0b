-- The jobs whose holder did not renew its lease.
select id as "id: JobId", attempt
from job
where state = 'running'
    and lease_until < now()

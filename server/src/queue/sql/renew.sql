-- Renews the leases of jobs that are still held, and brings what was asked of their holders.
-- A job that is missing from the answer has a new holder or none.
update job
set lease_until = now() + make_interval(secs => $3)
from unnest($1::uuid[], $2::integer[]) as held (id, attempt)
where job.id = held.id
    and job.attempt = held.attempt
    and job.state = 'running'
returning job.id as "id: JobId", job.attempt, job.requested

-- Ends jobs well; only their holders may.
update job
set state = 'succeeded',
    finished_at = now(),
    worker = null,
    lease_until = null,
    requested = null,
    waiting_reason = null,
    error_code = null,
    error_message = null
from unnest($1::uuid[], $2::integer[]) as ended (id, attempt)
where job.id = ended.id
    and job.attempt = ended.attempt
    and job.state = 'running'
returning job.id as "id: JobId", job.attempt

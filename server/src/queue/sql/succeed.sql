-- Ends jobs well; only their holders may. Each job's row tells of its end.
-- A job has a worker while it runs and only then. Said of its state, the planner would look for it among all that run.
update job
set state = 'succeeded',
    finished_at = now(),
    worker = null,
    lease_until = null,
    requested = null,
    waiting_reason = null,
    error_code = null,
    error_message = null,
    result = ended.result
from unnest($1::uuid[], $2::integer[], $3::text[]) as ended (id, attempt, result)
where job.id = ended.id
    and job.attempt = ended.attempt
    and job.worker is not null
returning job.id as "id: JobId", job.attempt

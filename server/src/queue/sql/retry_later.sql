-- Queues a job again after a failed attempt, which uses up some of its retry budget if it counts; fenced by the attempt that failed.
-- A pause or cancellation that was asked for comes first: then this hits nothing.
update job
set state = 'queued',
    run_at = now() + make_interval(secs => $3),
    retry_count = retry_count + 1,
    failure_count = failure_count + $6::boolean::integer,
    worker = null,
    lease_until = null,
    waiting_reason = null,
    error_code = $4,
    error_message = $5
where id = $1
    and attempt = $2
    and state = 'running'
    and requested is null

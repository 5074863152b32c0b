-- Ends a job well; only its holder may.
update job
set state = 'succeeded',
    finished_at = now(),
    worker = null,
    lease_until = null,
    requested = null,
    waiting_reason = null,
    error_code = null,
    error_message = null
where id = $1
    and attempt = $2
    and state = 'running'

-- Ends a job that cannot go on; only its holder may, or who took it from a holder that is gone.
update job
set state = 'failed',
    finished_at = now(),
    worker = null,
    lease_until = null,
    requested = null,
    waiting_reason = null,
    error_code = $3,
    error_message = $4
where id = $1
    and attempt = $2
    and state = 'running'

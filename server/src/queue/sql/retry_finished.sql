-- Queues a failed or cancelled job again with a fresh retry budget; it goes on after its checkpoint.
update job
set state = 'queued',
    run_at = now(),
    retry_count = retry_count + 1,
    failure_count = 0,
    finished_at = null,
    error_code = null,
    error_message = null
where id = $1
    and state in ('failed', 'cancelled')

-- Queues a job again that its holder gave back at a checkpoint; that uses up no retry. Only its holder may.
-- A pause or cancellation that was asked for comes first: then this hits nothing.
update job
set state = 'queued',
    run_at = now(),
    retry_count = retry_count + 1,
    worker = null,
    lease_until = null,
    waiting_reason = null
where id = $1
    and attempt = $2
    and state = 'running'
    and requested is null

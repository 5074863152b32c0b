-- Queues a paused job again; it goes on after its checkpoint.
update job
set state = 'queued',
    run_at = now(),
    retry_count = retry_count + 1
where id = $1
    and state = 'paused'

-- Says what a job waits for, or with null that it waits no more; only its holder may.
update job
set waiting_reason = $3,
    progressed_at = now()
where id = $1
    and attempt = $2
    and state = 'running'

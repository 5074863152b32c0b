-- Cancels a job whose holder stopped at a checkpoint, or is gone; fenced by that holder's attempt.
update job
set state = 'cancelled',
    finished_at = now(),
    worker = null,
    lease_until = null,
    requested = null,
    waiting_reason = null
where id = $1
    and attempt = $2
    and state = 'running'

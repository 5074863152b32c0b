-- Pauses a job that nobody holds.
update job
set state = 'paused'
where id = $1
    and state = 'queued'

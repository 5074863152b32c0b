-- Cancels a job that nobody holds.
update job
set state = 'cancelled',
    finished_at = now()
where id = $1
    and state in ('queued', 'paused')

-- Moves a schedule to its next time after it ran; the caller holds its lock.
update schedule
set next_run_at = $2,
    last_job_id = $3
where id = $1

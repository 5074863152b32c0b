-- Says that a job of a project came to its end, and what it counted.
update project
set synced_at = now(),
    last_job_id = $2,
    last_tally = $3
where id = $1

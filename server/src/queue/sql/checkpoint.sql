-- Moves a job on; only its holder may. Progress gives it its retry budget back.
update job
set checkpoint = $3,
    rows_total = $4,
    rows_done = $5,
    created_count = $6,
    updated_count = $7,
    unchanged_count = $8,
    skipped_count = $9,
    error_count = $10,
    progressed_at = now(),
    failure_count = 0,
    waiting_reason = null
where id = $1
    and attempt = $2
    and state = 'running'

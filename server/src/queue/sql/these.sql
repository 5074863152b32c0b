-- These jobs as they are now.
select
    id as "id: _", connection_id as "connection: _", kind, title, spec, lane, state as "state: _", requested, priority, run_at,
    attempt, retry_count, failure_count, waiting_reason, checkpoint,
    rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count,
    error_code, error_message, request_id, created_at, started_at, finished_at
from job
where id = any($1)

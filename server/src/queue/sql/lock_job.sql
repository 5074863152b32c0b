-- One job as it is now, locked until the transaction ends so that its state cannot change under us.
select
    id as "id: _", connection_id as "connection: _", kind, title, spec, lane, state as "state: _", requested, priority, run_at,
    attempt, retry_count, failure_count, waiting_reason, checkpoint,
    coalesce(rows_total, 0) as "rows_total!", coalesce(rows_done, 0) as "rows_done!",
    coalesce(created_count, 0) as "created_count!", coalesce(updated_count, 0) as "updated_count!",
    coalesce(unchanged_count, 0) as "unchanged_count!", coalesce(skipped_count, 0) as "skipped_count!",
    coalesce(error_count, 0) as "error_count!",
    error_code, error_message, request_id, created_at, started_at, finished_at
from job
where id = $1
for no key update

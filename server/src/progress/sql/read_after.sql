-- The next events of a job's story, in order.
select
    job_id as "job: _", seq, type as "kind: EventType", written_at, attempt, message, code,
    rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count
from progress_event
where job_id = $1
    and seq > $2
order by seq
limit $3

-- The next events of a job's story, in order.
select
    job_id as "job: _", seq, type as "kind: EventType", written_at, attempt, message, code,
    coalesce(rows_total, 0) as "rows_total!", coalesce(rows_done, 0) as "rows_done!",
    coalesce(created_count, 0) as "created_count!", coalesce(updated_count, 0) as "updated_count!",
    coalesce(unchanged_count, 0) as "unchanged_count!", coalesce(skipped_count, 0) as "skipped_count!",
    coalesce(error_count, 0) as "error_count!"
from progress_event
where job_id = $1
    and seq > $2
order by seq
limit $3

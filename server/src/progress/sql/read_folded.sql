-- The next events of a job's story for a watcher far behind: of each run of progress events only the last.
select
    job_id as "job: _", seq, type as "kind: EventType", written_at, attempt, message, code,
    rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count
from (
    select
        progress_event.*,
        lead(type) over (order by seq) as next_type
    from progress_event
    where job_id = $1
        and seq > $2
) as backlog
where type <> 'progress'
    or next_type is distinct from 'progress'
order by seq
limit $3

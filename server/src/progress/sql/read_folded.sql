-- The next events of a job's story for a watcher far behind: of each run of progress events only the last.
select
    job_id as "job!: _", seq as "seq!", type as "kind!: EventType", written_at as "written_at!", attempt as "attempt!",
    message as "message!", code as "code!",
    rows_total as "rows_total!", rows_done as "rows_done!", created_count as "created_count!", updated_count as "updated_count!",
    unchanged_count as "unchanged_count!", skipped_count as "skipped_count!", error_count as "error_count!"
from (
    select
        story_line.*,
        lead(type) over (order by seq) as next_type
    from story_line
    where job_id = $1
        and seq > $2
) as backlog
where type <> 'progress'
    or next_type is distinct from 'progress'
order by seq
limit $3

-- Appends one event to the story of each named job. The caller's transaction has locked the jobs' rows in a statement before,
-- which orders the writers of one job, so seq has no gaps; the primary key would refuse whoever did not.
insert into progress_event (
    job_id, seq, type, attempt, message, code,
    rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count
)
select
    job_id,
    1 + coalesce(
        (
            select told.seq
            from story_line as told
            where told.job_id = event.job_id
            order by told.seq desc
            limit 1
        ),
        0
    ),
    type, attempt, message, code,
    nullif(rows_total, 0), nullif(rows_done, 0), nullif(created_count, 0), nullif(updated_count, 0),
    nullif(unchanged_count, 0), nullif(skipped_count, 0), nullif(error_count, 0)
from unnest(
    $1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[],
    $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[]
) as event (
    job_id, type, attempt, message, code,
    rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count
)
returning job_id as "job: JobId", seq, written_at

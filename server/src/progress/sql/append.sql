-- Appends one event to the story of each named job. The head's row lock orders the writers of one job, so seq has no gaps.
with incoming as (
    select *
    from unnest(
        $1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[],
        $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[]
    ) as event (
        job_id, type, attempt, message, code,
        rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count
    )
),
headed as (
    insert into progress_head (job_id, last_seq)
    select job_id, 1
    from incoming
    order by job_id
    on conflict (job_id) do update set last_seq = progress_head.last_seq + 1
    returning job_id, last_seq
)
insert into progress_event (
    job_id, seq, type, attempt, message, code,
    rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count
)
select
    job_id, headed.last_seq, type, attempt, message, code,
    rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count
from incoming
join headed using (job_id)

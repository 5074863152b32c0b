-- A short job writes no story beside its row: the row tells how the story begins, and that it ended well.
-- A server from before this migration cannot work beside one from after it.

alter table job
    -- How many of the first events the row tells: 1 when it was enqueued, 2 also its first start. 0 before this migration.
    add column told_count smallint not null default 0,
    -- What the event of a good end says; null before that, and where the log has that event.
    add column result text,
    -- Most jobs count nothing, and each change of a row writes all of it; null means 0.
    alter column rows_total drop not null,
    alter column rows_total drop default,
    alter column rows_done drop not null,
    alter column rows_done drop default,
    alter column created_count drop not null,
    alter column created_count drop default,
    alter column updated_count drop not null,
    alter column updated_count drop default,
    alter column unchanged_count drop not null,
    alter column unchanged_count drop default,
    alter column skipped_count drop not null,
    alter column skipped_count drop default,
    alter column error_count drop not null,
    alter column error_count drop default,
    -- It looked the share up for each job. `enqueue.sql` does for all of a call, and `drop_share.sql` drops none that has jobs.
    drop constraint job_connection_id_fkey,
    -- Room for a job's next versions beside its first: what a change leaves as it was is not logged again.
    set (fillfactor = 50);

-- Their entries are few for each value, and come and go: packing them is work for nothing.
alter index job_pkey set (deduplicate_items = off);
alter index job_one_running_per_lane set (deduplicate_items = off);
alter index job_waiting_by_connection set (deduplicate_items = off);

-- Every story, whoever keeps its lines. What was pruned is not there: lines of a row count only where the log goes on after them.
create view story_line as
select
    job_id,
    seq,
    type,
    written_at,
    attempt,
    message,
    code,
    coalesce(rows_total, 0) as rows_total,
    coalesce(rows_done, 0) as rows_done,
    coalesce(created_count, 0) as created_count,
    coalesce(updated_count, 0) as updated_count,
    coalesce(unchanged_count, 0) as unchanged_count,
    coalesce(skipped_count, 0) as skipped_count,
    coalesce(error_count, 0) as error_count
from progress_event
union all
select id, 1::bigint, 'queued', created_at, 0, title, '', 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
from job
where told_count >= 1
    and coalesce((select min(seq) from progress_event where job_id = job.id), told_count + 1) = told_count + 1
union all
select id, 2::bigint, 'started', started_at, 1, 'started', '', 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
from job
where told_count >= 2
    and coalesce((select min(seq) from progress_event where job_id = job.id), told_count + 1) = told_count + 1
union all
select
    id,
    1 + coalesce((select max(seq) from progress_event where job_id = job.id), told_count),
    'succeeded',
    finished_at,
    attempt,
    result,
    '',
    coalesce(rows_total, 0),
    coalesce(rows_done, 0),
    coalesce(created_count, 0),
    coalesce(updated_count, 0),
    coalesce(unchanged_count, 0),
    coalesce(skipped_count, 0),
    coalesce(error_count, 0)
from job
where state = 'succeeded'
    and result is not null;

-- Appends an event to a job's story within a statement that changes the job.
create function tell(
    job uuid, type text, attempt integer, message text,
    rows_total bigint, rows_done bigint, created_count bigint, updated_count bigint,
    unchanged_count bigint, skipped_count bigint, error_count bigint
) returns bigint
language sql
as $$
    insert into progress_event (
        job_id, seq, type, attempt, message, code,
        rows_total, rows_done, created_count, updated_count, unchanged_count, skipped_count, error_count
    )
    select
        $1,
        1 + coalesce((select told.seq from story_line as told where told.job_id = $1 order by told.seq desc limit 1), 0),
        $2, $3, $4, '',
        nullif($5, 0), nullif($6, 0), nullif($7, 0), nullif($8, 0), nullif($9, 0), nullif($10, 0), nullif($11, 0)
    returning seq
$$;

-- As before, with what is null counted as 0.
create or replace view sluice.import_status as
select
    job.id as job_id,
    connection.name as connection,
    job.title,
    job.state,
    -- "pause" or "cancel", until the holder comes to it.
    job.requested,
    job.attempt,
    job.retry_count,
    coalesce(job.rows_total, 0) as rows_total,
    coalesce(job.rows_done, 0) as rows_done,
    case when job.rows_total > 0 then round(100.0 * job.rows_done / job.rows_total, 1) end as percent,
    coalesce(job.created_count, 0) as created_count,
    coalesce(job.updated_count, 0) as updated_count,
    coalesce(job.unchanged_count, 0) as unchanged_count,
    coalesce(job.skipped_count, 0) as skipped_count,
    coalesce(job.error_count, 0) as error_count,
    job.waiting_reason,
    job.error_code,
    job.error_message,
    worker.name as server,
    job.lease_until,
    job.progressed_at,
    job.created_at,
    job.run_at,
    job.started_at,
    job.finished_at
from job
join connection on connection.id = job.connection_id
left join worker on worker.number = job.worker
where job.kind = 'supplier_import';

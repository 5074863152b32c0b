-- Drops all that was written of stories that ended long ago, but for the last of it, some at a time, after a place in the
-- order of jobs. A job's row may tell its end: then the last event before it stays as well.
-- Ids sort by creation on the servers' clocks, so nothing that was made a day after the limit can be old enough.
with ended as (
    select last.job_id, last.seq
    from progress_event as last
    where last.job_id > $2
        and last.job_id < (
            lpad(to_hex((extract(epoch from now() - make_interval(secs => $1) + interval '1 day') * 1000)::bigint), 12, '0')
            || repeat('f', 20)
        )::uuid
        and not exists (
            select
            from progress_event as later
            where later.job_id = last.job_id
                and later.seq > last.seq
        )
        and exists (
            select
            from progress_event as earlier
            where earlier.job_id = last.job_id
                and earlier.seq < last.seq
        )
        and exists (
            select
            from story_line as ending
            where ending.job_id = last.job_id
                and ending.seq in (last.seq, last.seq + 1)
                and ending.type in ('succeeded', 'failed', 'cancelled')
                and ending.written_at < now() - make_interval(secs => $1)
        )
    order by last.job_id
    limit 1000
    for update of last skip locked
),
dropped as (
    delete from progress_event
    using ended
    where progress_event.job_id = ended.job_id
        and progress_event.seq < ended.seq
)
select job_id as "job: JobId"
from ended

-- Drops all but the last event of stories that ended long ago; the head keeps where the story now begins.
with ended as (
    select progress_head.job_id, progress_head.last_seq
    from progress_head
    join progress_event on progress_event.job_id = progress_head.job_id and progress_event.seq = progress_head.last_seq
    where progress_event.type in ('succeeded', 'failed', 'cancelled')
        and progress_event.written_at < now() - make_interval(secs => $1)
        and progress_head.oldest_seq < progress_head.last_seq
    order by progress_head.job_id
    limit 1000
    for update of progress_head skip locked
),
dropped as (
    delete from progress_event
    using ended
    where progress_event.job_id = ended.job_id
        and progress_event.seq < ended.last_seq
)
update progress_head
set oldest_seq = ended.last_seq
from ended
where progress_head.job_id = ended.job_id

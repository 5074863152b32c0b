-- Whether a job's story ends with this event.
select exists (
    select
    from progress_event
    join progress_head using (job_id)
    where job_id = $1
        and seq = $2
        and seq = last_seq
        and type in ('succeeded', 'failed', 'cancelled')
) as "ends!"

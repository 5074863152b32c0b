-- Whether a job's story ends with this event.
select exists (
    select
    from story_line
    where job_id = $1
        and seq = $2
        and type in ('succeeded', 'failed', 'cancelled')
        and not exists (
            select
            from story_line as later
            where later.job_id = $1
                and later.seq > $2
        )
) as "ends!"

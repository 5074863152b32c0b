-- Drops workers that signed on long ago and hold nothing; their numbers are never given again.
delete from worker
where started_at < now() - interval '90 days'
    and not exists (
        select
        from job
        where job.worker = worker.number
    )

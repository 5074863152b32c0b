-- Drops a connection's share with its schedules, unless one of its jobs is left.
delete from share
where connection_id = $1
    and not exists (
        select
        from job
        where job.connection_id = $1
    )

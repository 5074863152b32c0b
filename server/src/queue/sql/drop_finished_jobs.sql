-- Drops the finished jobs of a connection that is to go.
delete from job
where connection_id = $1
    and state in ('succeeded', 'failed', 'cancelled')
returning id as "id: JobId"

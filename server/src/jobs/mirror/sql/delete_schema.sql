-- Forgets a schema whose connection is gone.
delete from mirror_schema
where name = $1
    and connection_id is null

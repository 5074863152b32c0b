-- Gives a name back that turned out to be somebody else's schema.
delete from mirror_schema
where name = $1
    and connection_id = $2

-- Remembers the role that may read a schema.
update mirror_schema
set reader = $2
where name = $1

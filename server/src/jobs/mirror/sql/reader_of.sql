-- The role that may read a schema.
select reader
from mirror_schema
where name = $1

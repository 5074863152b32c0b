-- The schema that holds a connection's tables.
select name
from mirror_schema
where connection_id = $1

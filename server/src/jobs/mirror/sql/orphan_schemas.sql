-- Schemas whose connection is gone.
select name
from mirror_schema
where connection_id is null

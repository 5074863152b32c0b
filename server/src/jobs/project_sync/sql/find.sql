-- A connection's project by its GUID.
select id, guid, directory, name
from project
where connection_id = $1
    and guid = $2

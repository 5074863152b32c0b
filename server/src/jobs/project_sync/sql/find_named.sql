-- A connection's projects of a name, in one directory or, if that is empty, in any.
select id, guid, directory, name
from project
where connection_id = $1
    and name = $2
    and ($3 = '' or directory = $3)
    and not is_deleted
order by directory, guid
limit 20

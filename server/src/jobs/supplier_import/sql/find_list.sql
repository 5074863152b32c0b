-- A complete list of a connection.
select file_name
from staged_list
where id = $1
    and connection_id = $2
    and sha256 is not null

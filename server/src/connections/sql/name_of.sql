-- The name of a connection.
select name
from connection
where id = $1

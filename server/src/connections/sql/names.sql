-- The names of all connections.
select
    id,
    name
from connection

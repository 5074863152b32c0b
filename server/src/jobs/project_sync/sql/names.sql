-- The names of a connection's projects, for somebody who misspelt one.
select distinct name
from project
where connection_id = $1
    and not is_deleted
order by name
limit 5000

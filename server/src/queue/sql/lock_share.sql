-- Locks a connection's share, so that none of its jobs is added until the transaction ends.
select connection_id
from share
where connection_id = $1
for update

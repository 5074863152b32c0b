-- Locks a job for its holder, so that what follows in this transaction is the holder's.
select true as "held!"
from job
where id = $1
    and attempt = $2
    and state = 'running'
for no key update

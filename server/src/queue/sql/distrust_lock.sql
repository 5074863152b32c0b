-- Notes that a worker's lock says nothing about its life, so that nobody takes its jobs before their leases end.
update worker
set lock_tells = false
where number = $1

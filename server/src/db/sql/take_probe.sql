-- Takes a lock that lasts as long as the session, unless somebody has it.
select pg_try_advisory_lock($1) as "taken!"

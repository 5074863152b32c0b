-- Takes the lock by which a worker proves that it lives; Postgres drops it with the session.
select pg_try_advisory_lock(7411, $1) as "taken!"

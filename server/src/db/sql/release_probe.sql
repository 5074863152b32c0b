-- Lets go of the lock; false if this session never had it.
select pg_advisory_unlock($1) as "released!"

-- Lets one transaction at a time shape the mirror of a connection.
select pg_advisory_xact_lock(hashtextextended('mirror ' || $1::uuid::text, 0))

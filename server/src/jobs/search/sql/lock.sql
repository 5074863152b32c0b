-- Lets one transaction at a time shape the search of a connection.
select pg_advisory_xact_lock(hashtextextended('search ' || $1::uuid::text, 0))

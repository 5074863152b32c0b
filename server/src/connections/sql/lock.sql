-- Lets one transaction at a time pass for this word; released at its end.
select pg_advisory_xact_lock(hashtextextended($1, 7411)) is null as "locked!"

-- What time it is for the database, whose clock counts.
select now() as "now!"

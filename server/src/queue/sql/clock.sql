-- Now, on the database's clock.
select now() as "now!"

-- Asks whether anybody is there.
select 1 as "one!"

-- Gives a starting worker its number.
insert into worker (name)
values ($1)
returning number

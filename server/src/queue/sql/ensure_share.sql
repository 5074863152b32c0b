-- Gives a connection its share of the workers, unless it has one.
insert into share (connection_id)
values ($1)
on conflict (connection_id) do nothing

-- Gives a connection a schema of its own; nothing happens if another connection has it.
insert into mirror_schema (name, connection_id)
values ($1, $2)
on conflict (name) do nothing

-- Sets how many jobs of a connection may run at once.
insert into share (connection_id, max_running)
values ($1, $2)
on conflict (connection_id) do update set max_running = excluded.max_running

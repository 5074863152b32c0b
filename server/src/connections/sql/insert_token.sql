-- Lets the callers of a connection in.
insert into access_token (hash, role, connection_id)
values ($1, 'connection', $2)

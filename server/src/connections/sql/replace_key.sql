-- Replaces the sealed API key of a connection.
update connection
set api_key_sealed = $2
where id = $1

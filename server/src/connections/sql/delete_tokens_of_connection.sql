-- Revokes all tokens of a connection.
delete from access_token
where connection_id = $1

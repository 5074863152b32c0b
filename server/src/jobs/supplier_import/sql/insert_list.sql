-- Begins a list; it has no digest, and so does not exist for anybody, until it is complete.
insert into staged_list (id, connection_id, file_name)
values ($1, $2, $3)

-- Stores one piece of a list.
insert into staged_piece (list_id, ordinal, data)
values ($1, $2, $3)

-- Drops a list with its pieces, unless a job reads it.
delete from staged_list
where id = $1
    and not exists (select 1 from import_list where list_id = $1)

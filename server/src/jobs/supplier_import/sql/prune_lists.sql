-- Drops lists that no job reads and nobody asked for during a day.
delete from staged_list
where touched_at < now() - interval '1 day'
    and not exists (select 1 from import_list where list_id = staged_list.id)

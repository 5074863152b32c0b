-- Keeps a mapping for a supplier's next list.
insert into import_mapping (connection_id, supplier_id, columns)
values ($1, $2, $3)
on conflict (connection_id, supplier_id) do update
set columns = excluded.columns,
    saved_at = now()

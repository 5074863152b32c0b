-- Says what became of a field.
insert into mirror_field (connection_id, model, field, column_name, column_type, is_read, dropped_code, dropped_reason)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (connection_id, model, field) do update
set column_name = coalesce(excluded.column_name, mirror_field.column_name),
    column_type = coalesce(excluded.column_type, mirror_field.column_type),
    is_read = excluded.is_read,
    dropped_code = excluded.dropped_code,
    dropped_reason = excluded.dropped_reason

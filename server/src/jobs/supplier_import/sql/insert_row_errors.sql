-- Stores row errors of a job; the same row again replaces what was said of it.
insert into import_row_error (job_id, row_number, code, column_name, message, fields)
select $1, row_number, code, column_name, message, fields
from unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::jsonb[])
    as found (row_number, code, column_name, message, fields)
on conflict (job_id, row_number) do update
set code = excluded.code,
    column_name = excluded.column_name,
    message = excluded.message,
    fields = excluded.fields

-- The fields of a model that were ever chosen, and what became of each.
select
    field,
    column_name,
    column_type as "column_type: _",
    is_read,
    dropped_code,
    dropped_reason
from mirror_field
where connection_id = $1
    and model = $2
order by field

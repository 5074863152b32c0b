-- The searchable models of a connection, by name.
select
    id,
    model,
    field_names,
    made_of,
    embedded_fields,
    last_job_id as "last_job: _",
    last_error
from search_model
where connection_id = $1
order by model

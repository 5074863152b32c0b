-- How the models of a connection are mirrored, and how far each is.
select
    model,
    field_choice as "field_choice: _",
    field_names,
    domain,
    page_size,
    cron,
    time_zone,
    table_name,
    cursor,
    last_job_id as "last_job: _"
from mirror_model
where connection_id = $1
    and is_mirrored
order by model

-- Remembers the latest job of a model.
update mirror_model
set last_job_id = $3
where connection_id = $1
    and model = $2

-- Remembers the latest job that embeds.
update search_model
set last_job_id = $2
where id = $1

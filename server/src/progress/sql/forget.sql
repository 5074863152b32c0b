-- Drops the whole story of jobs that are themselves dropped.
delete from progress_event
where job_id = any($1)

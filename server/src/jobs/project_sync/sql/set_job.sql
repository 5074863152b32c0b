-- Forgets what earlier runs of a project could not have: this one tells its own.
delete from project_failure
where project_id = $1

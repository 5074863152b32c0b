-- What the latest job of a project could not have.
select part, phase, elevation, code, message
from project_failure
where project_id = $1
    and job_id = $2
order by phase, elevation, part
limit 1000

-- How many phases a project has.
select count(*) as "count!"
from project_phase
where project_id = $1
    and gone_at is null

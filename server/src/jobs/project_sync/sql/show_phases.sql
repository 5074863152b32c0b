-- The phases of a project that are there.
select id, guid, name
from project_phase
where project_id = $1
    and gone_at is null
order by position, guid

-- Stores the phases of a listing; one that had vanished is there again.
insert into project_phase (project_id, guid, name, description, position)
select distinct on (listed.guid) $1, listed.guid, listed.name, listed.description, listed.position
from jsonb_to_recordset($2) as listed (guid uuid, name text, description text, position integer)
on conflict (project_id, guid) do update
set name = excluded.name,
    description = excluded.description,
    position = excluded.position,
    gone_at = null
returning id, guid

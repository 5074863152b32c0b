-- The elevations of a project that are there, by the GUIDs of phase and elevation.
select phase.guid as phase, elevation.guid as elevation
from project_elevation as elevation
join project_phase as phase on phase.id = elevation.phase_id
where phase.project_id = $1
    and phase.gone_at is null
    and elevation.gone_at is null

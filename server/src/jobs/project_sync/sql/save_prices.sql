-- Stores what LOGIKAL estimates for a project's elevations.
update project_elevation as elevation
set net_price_per_unit = price.net_price_per_unit,
    total_price_per_unit = price.total_price_per_unit,
    net_price = price.net_price,
    total_price = price.total_price
from jsonb_to_recordset($2) as price (
    guid uuid, net_price_per_unit double precision, total_price_per_unit double precision, net_price double precision,
    total_price double precision
),
    project_phase as phase
where phase.project_id = $1
    and elevation.phase_id = phase.id
    and elevation.guid = price.guid

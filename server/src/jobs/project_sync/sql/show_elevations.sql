-- The elevations of a project that are there, with counts of their parts.
select
    elevation.id,
    elevation.phase_id,
    elevation.guid,
    elevation.name,
    elevation.amount,
    elevation.width_mm,
    elevation.height_mm,
    elevation.is_recycled,
    coalesce(nullif(elevation.system_name, ''), elevation.system_description) as "system!",
    elevation.total_price_per_unit,
    elevation.thumbnail is not null as "has_thumbnail!",
    elevation.parts_list is not null as "has_parts_list!",
    count(line.kind) filter (where line.kind = 'glass') as "glass!",
    count(line.kind) filter (where line.kind <> 'glass') as "parts!",
    not exists (
        select
        from project_failure as failure
        where failure.project_id = phase.project_id
            and failure.place = phase.guid || '/' || elevation.guid
    ) as "is_current!"
from project_elevation as elevation
join project_phase as phase on phase.id = elevation.phase_id
left join project_line as line on line.elevation_id = elevation.id
where phase.project_id = $1
    and phase.gone_at is null
    and elevation.gone_at is null
group by elevation.id, phase.id
order by elevation.position, elevation.guid

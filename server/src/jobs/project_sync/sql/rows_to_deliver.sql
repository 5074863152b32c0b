-- Elevations of a project of which Odoo has not what is stored, those after a row number, each as it is handed over.
with stored as (
    select
        elevation.id,
        elevation.row_number,
        elevation.thumbnail,
        elevation.delivered,
        jsonb_build_object(
            'phase', jsonb_build_object(
                'guid', phase.guid, 'name', phase.name, 'description', phase.description, 'position', phase.position
            ),
            'elevation', jsonb_build_object(
                'guid', elevation.guid, 'name', elevation.name, 'position', elevation.position, 'amount', elevation.amount,
                'width_mm', elevation.width_mm, 'height_mm', elevation.height_mm, 'is_recycled', elevation.is_recycled,
                'description', concat_ws(e'\n', nullif(elevation.automatic_description, ''), nullif(elevation.user_description, '')),
                'system', coalesce(nullif(elevation.system_name, ''), elevation.system_description),
                'color_inside', elevation.base_color_inside, 'color_outside', elevation.base_color_outside,
                'kind', elevation.kind, 'changed_date', elevation.changed_date,
                'weight_kg', elevation.weight_kg, 'area_m2', elevation.area_m2,
                'unit_price', elevation.total_price_per_unit, 'total_price', elevation.total_price,
                'net_unit_price', elevation.net_price_per_unit,
                'has_parts_list', elevation.parts_list is not null
            ),
            'failures', (
                select coalesce(
                    jsonb_agg(
                        jsonb_build_object('part', failure.part, 'code', failure.code, 'message', failure.message)
                        order by failure.part
                    ),
                    '[]'
                )
                from project_failure as failure
                where failure.project_id = phase.project_id
                    and failure.place = phase.guid || '/' || elevation.guid
                    and failure.part <> 'odoo'
            ),
            'lines', coalesce(
                (
                    select jsonb_agg(to_jsonb(line) - 'elevation_id' - 'source' order by line.position)
                    from project_line as line
                    where line.elevation_id = elevation.id
                ),
                '[]'
            )
        ) as payload
    from project_elevation as elevation
    join project_phase as phase on phase.id = elevation.phase_id
    where phase.project_id = $1
        and phase.gone_at is null
        and elevation.gone_at is null
        and elevation.row_job = $2
        and elevation.row_number > $3
        and ($4::uuid[] is null or elevation.id = any ($4))
),
digested as (
    select *, sha256(convert_to(payload::text, 'UTF8') || coalesce(thumbnail, ''::bytea)) as digest
    from stored
)
select
    digested.id,
    digested.row_number as "row_number!",
    digested.payload as "payload!",
    digested.digest as "digest!",
    blob.content as "thumbnail?"
from digested
left join project_blob as blob on blob.sha256 = digested.thumbnail
where digested.delivered is distinct from digested.digest
order by digested.row_number
limit $5

-- Stores the elevations of a phase's listing, and gives each that has none yet its number among this job's rows; says what is stored of each.
with listed as (
    select distinct on (guid) *
    from jsonb_to_recordset($2) as entry (
        guid uuid, version_id uuid, name text, position integer, amount double precision, width_mm double precision,
        height_mm double precision, is_recycled boolean, automatic_description text, system_description text,
        model_description text, user_description text, base_surface text, base_color_inside text, base_color_outside text,
        insertion_surface text, insertion_color_inside text, insertion_color_outside text, created_by text,
        created_date timestamptz, changed_date timestamptz, kind text, state text
    )
),
taken as (
    select coalesce(max(elevation.row_number), 0) as highest
    from project_elevation as elevation
    join project_phase as phase on phase.id = elevation.phase_id
    where phase.project_id = (select project_id from project_phase where id = $1)
        and elevation.row_job = $3
)
insert into project_elevation as stored (
    phase_id, guid, version_id, name, position, amount, width_mm, height_mm, is_recycled, automatic_description,
    system_description, model_description, user_description, base_surface, base_color_inside, base_color_outside,
    insertion_surface, insertion_color_inside, insertion_color_outside, created_by, created_date, changed_date, kind, state,
    row_job, row_number
)
select
    $1, guid, version_id, name, position, amount, width_mm, height_mm, is_recycled, automatic_description,
    system_description, model_description, user_description, base_surface, base_color_inside, base_color_outside,
    insertion_surface, insertion_color_inside, insertion_color_outside, created_by, created_date, changed_date, kind, state,
    $3, taken.highest + row_number() over (order by position)
from listed, taken
on conflict (phase_id, guid) do update
set version_id = excluded.version_id,
    name = excluded.name,
    position = excluded.position,
    amount = excluded.amount,
    width_mm = excluded.width_mm,
    height_mm = excluded.height_mm,
    is_recycled = excluded.is_recycled,
    automatic_description = excluded.automatic_description,
    system_description = excluded.system_description,
    model_description = excluded.model_description,
    user_description = excluded.user_description,
    base_surface = excluded.base_surface,
    base_color_inside = excluded.base_color_inside,
    base_color_outside = excluded.base_color_outside,
    insertion_surface = excluded.insertion_surface,
    insertion_color_inside = excluded.insertion_color_inside,
    insertion_color_outside = excluded.insertion_color_outside,
    created_by = excluded.created_by,
    created_date = excluded.created_date,
    changed_date = excluded.changed_date,
    kind = excluded.kind,
    state = excluded.state,
    row_number = case when stored.row_job = $3 then stored.row_number else excluded.row_number end,
    row_job = $3,
    gone_at = null
returning
    id,
    guid,
    xmax = 0 as "is_new!",
    thumbnail is not null as "has_thumbnail!",
    thumbnail_of,
    thumbnail_job,
    parts_list is not null as "has_parts_list!",
    parts_of,
    parts_job

-- Gives an elevation its parts list, and what that says of it.
update project_elevation
set parts_list = $2,
    parts_of = $3,
    parts_job = $4,
    parts_width_mm = element.width_mm,
    parts_height_mm = element.height_mm,
    weight_kg = element.weight_kg,
    area_m2 = element.area_m2,
    perimeter_m = element.perimeter_m,
    system_code = element.system_code,
    system_name = element.system_name,
    remarks = $6
from jsonb_to_record($5) as element (
    width_mm numeric, height_mm numeric, weight_kg numeric, area_m2 numeric, perimeter_m numeric, system_code text,
    system_name text
)
where id = $1

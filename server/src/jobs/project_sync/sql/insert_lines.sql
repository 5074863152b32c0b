-- Stores the lines of an elevation's parts list.
insert into project_line (
    elevation_id, position, kind, source, insertion, code, supplier, name, description, color, amount, amount_unit, width,
    width_unit, height, height_unit, length, length_unit, weight, weight_unit, minutes, price, price_gross
)
select
    $1, position, kind, source, insertion, code, supplier, name, description, color, amount, amount_unit, width,
    width_unit, height, height_unit, length, length_unit, weight, weight_unit, minutes, price, price_gross
from jsonb_to_recordset($2) as line (
    position integer, kind text, source text, insertion bigint, code text, supplier text, name text, description text,
    color text, amount numeric, amount_unit text, width numeric, width_unit text, height numeric, height_unit text,
    length numeric, length_unit text, weight numeric, weight_unit text, minutes numeric, price numeric, price_gross numeric
)

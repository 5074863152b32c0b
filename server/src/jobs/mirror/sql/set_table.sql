-- Gives a model its table.
update mirror_model
set table_name = $3
where connection_id = $1
    and model = $2
    and table_name is null

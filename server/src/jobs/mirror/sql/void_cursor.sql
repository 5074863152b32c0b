-- Makes the next sync of a model a full one.
update mirror_model
set cursor = null
where connection_id = $1
    and model = $2

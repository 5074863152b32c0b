-- Mirrors a model no longer; its table stays.
update mirror_model
set is_mirrored = false
where connection_id = $1
    and model = $2
    and is_mirrored

-- From now on changes of a mirrored model are noted under this id, or not at all; waits for pages that are being stored.
update mirror_model
set searched_as = $3
where connection_id = $1
    and model = $2

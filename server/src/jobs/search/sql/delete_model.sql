-- Makes a model searchable no longer; its texts and what waits go with it.
delete from search_model
where connection_id = $1
    and model = $2
returning id

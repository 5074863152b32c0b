-- Whether any record of a connection waits to be embedded.
select exists (
    select
    from search_outbox as outbox
    join search_model as model
        on model.id = outbox.model_id
    where model.connection_id = $1
) as "waits!"

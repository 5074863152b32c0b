-- What there is of search, over all connections, and whose embedder could last not be used.
select
    (select count(*) from search_model) as "models!",
    (select count(*) from search_outbox) as "waiting!",
    (select count(*) from search_failed) as "failed!",
    (
        select connection.name || ': ' || model.last_error
        from search_model as model
        join connection on connection.id = model.connection_id
        where model.last_error is not null
            and exists (select from search_outbox where search_outbox.model_id = model.id)
        order by connection.name, model.model
        limit 1
    ) as embedder_error

-- What there is of each searchable model of a connection.
select
    model.id,
    (select count(distinct record_id) from search_text where model_id = model.id) as "records!",
    (select count(*) from search_text where model_id = model.id) as "texts!",
    (select count(*) from search_outbox where model_id = model.id) as "waiting!",
    (select count(*) from search_failed where model_id = model.id) as "failed!",
    (
        select extract(epoch from now() - min(noted_at))::double precision
        from search_outbox
        where model_id = model.id
    ) as lag_seconds
from search_model as model
where model.connection_id = $1

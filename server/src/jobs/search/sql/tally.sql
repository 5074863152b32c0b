-- What there is of each searchable model of a connection.
select
    model.id,
    text.records as "records!",
    text.texts as "texts!",
    (select count(*) from search_outbox where model_id = model.id) as "waiting!",
    (select count(*) from search_failed where model_id = model.id) as "failed!",
    (
        select extract(epoch from now() - min(noted_at))::double precision
        from search_outbox
        where model_id = model.id
    ) as lag_seconds
from search_model as model
cross join lateral (
    -- Each record has a first part.
    select count(*) filter (where part = 0) as records, count(*) as texts
    from search_text
    where model_id = model.id
) as text
where model.connection_id = $1

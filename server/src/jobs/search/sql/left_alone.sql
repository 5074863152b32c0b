-- Searchable models in which records have waited for a while.
select distinct model.connection_id, model.model
from search_outbox as outbox
join search_model as model
    on model.id = outbox.model_id
where outbox.run_at < now() - interval '10 seconds'

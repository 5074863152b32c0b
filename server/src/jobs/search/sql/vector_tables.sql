-- The tables of vectors that nothing refers to any more: their generation or model is gone.
select table_name.tablename as "name!"
from pg_tables as table_name
where table_name.schemaname = 'sluice_search'
    and not exists (
        select
        from search_generation as generation
        join search_model as model
            on model.connection_id = generation.connection_id
        where table_name.tablename = 'vectors_' || generation.id || '_' || model.id
    )

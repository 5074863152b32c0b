-- The searchable models of a connection, by name, and beside each of them the generation that answers and the pgvector that
-- finds its vectors. One statement, since whoever searches waits for it.
select
    model.id,
    model.model,
    model.field_names,
    model.made_of,
    model.embedded_fields,
    model.last_job_id as "last_job: JobId",
    model.last_error,
    generation.id as "generation?",
    generation.query_prefix as "query_prefix?",
    extension.extversion as "extension_version?",
    namespace.nspname as "extension_schema?"
from search_model as model
left join search_generation as generation
    on generation.connection_id = model.connection_id
        and generation.is_serving
left join pg_extension as extension
    on extension.extname = 'vector'
left join pg_namespace as namespace
    on namespace.oid = extension.extnamespace
where model.connection_id = $1
order by model.model

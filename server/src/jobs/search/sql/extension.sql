-- The pgvector that is installed in this database, and the schema that it is in.
select extension.extversion, namespace.nspname
from pg_extension as extension
join pg_namespace as namespace
    on namespace.oid = extension.extnamespace
where extension.extname = 'vector'

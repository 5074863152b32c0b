-- The pgvector that this Postgres could install.
select default_version
from pg_available_extensions
where name = 'vector'

-- Remembers directories that were listed.
insert into project_directory (connection_id, path)
select $1, path
from unnest($2::text[]) as path
on conflict (connection_id, path) do update
set listed_at = now()

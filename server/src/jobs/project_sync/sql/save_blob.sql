-- Stores a content once. A known one is locked, so that nobody drops it before it is referred to.
insert into project_blob (sha256, content)
values ($1, $2)
on conflict (sha256) do update
set sha256 = excluded.sha256

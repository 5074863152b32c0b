-- A job that was interrupted keeps its place in its lane, and workers behind a pooler are told from others.

-- Few jobs are begun and queued at once, so asking for those of a lane costs nothing however many jobs wait.
create index job_begun_by_lane on job (connection_id, lane) where state = 'queued' and started_at is not null;

-- Whether the worker's lock shows that it lives. Behind a pooler in transaction mode it does not: there only the lease counts.
alter table worker add column lock_tells boolean not null default true;

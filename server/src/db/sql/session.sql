-- The session that runs this statement; behind a pooler it may change from one to the next.
select pg_backend_pid() as "session!"

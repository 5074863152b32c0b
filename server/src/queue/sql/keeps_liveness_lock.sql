-- Whether this session holds the worker's lock. Behind a pooler in transaction mode "this session" is another one each time.
select exists (
    select
    from pg_locks
    where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())
        and classid = 7411
        and objid = $1::integer::bigint::oid
        and objsubid = 2
        and pid = pg_backend_pid()
        and granted
) as "keeps!"

-- What Postgres says of itself.
select
    current_setting('server_version') as "version!",
    clock_timestamp() as "now!",
    pg_database_size(current_database()) as "size_bytes!",
    current_setting('fsync')::boolean and current_setting('full_page_writes')::boolean as "survives_power_cut!",
    current_setting('synchronous_commit') <> 'off' as "waits_for_disk!",
    coalesce(
        (
            select extract(epoch from now() - min(xact_start))
            from pg_stat_activity
            where datname = current_database()
                and pid <> pg_backend_pid()
        ),
        0
    )::float8 as "longest_transaction_seconds!"

-- What Postgres says of itself.
select
    current_setting('server_version') as "version!",
    clock_timestamp() as "now!",
    pg_database_size(current_database()) as "size_bytes!"

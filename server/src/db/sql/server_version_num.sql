-- Postgres' version as a number: 150018 is 15.18.
select current_setting('server_version_num')::integer as "number!"

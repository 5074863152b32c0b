-- Whether another model of the connection has a table of this name.
select exists (
    select
    from mirror_model
    where connection_id = $1
        and table_name = $2
) as "taken!"

-- Changes a connection; null keeps its key and its pace, 0 its share, and an empty text its login. Another database is one that was never tested.
update connection
set url = $2,
    database = $3,
    api_key_sealed = coalesce($4, api_key_sealed),
    max_running = case when $5::integer = 0 then max_running else $5 end,
    login = coalesce(nullif($6, ''), login),
    calls_per_second = case when $7::integer is null then calls_per_second else nullif($7, 0) end,
    tested_at = case when (url, database) = ($2, $3) then tested_at end,
    odoo_version = case when (url, database) = ($2, $3) then odoo_version end,
    addon_version = case when (url, database) = ($2, $3) then addon_version end
where id = $1
returning
    id as "id: _",
    name,
    url,
    database,
    max_running,
    login,
    calls_per_second,
    created_at,
    tested_at,
    odoo_version,
    addon_version

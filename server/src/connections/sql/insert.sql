-- Saves a new connection; 0 leaves it the usual share.
insert into connection (id, name, url, database, api_key_sealed, max_running, login, calls_per_second)
values ($1, $2, $3, $4, $5, case when $6::integer = 0 then 2 else $6 end, $7, nullif($8::integer, 0))
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

-- Remembers what Odoo said of itself.
update connection
set tested_at = now(),
    odoo_version = $2,
    addon_version = $3
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

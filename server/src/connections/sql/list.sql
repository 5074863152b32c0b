-- A page of connections by name, after the last name of the page before.
select
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
from connection
where name > $1
order by name
limit $2

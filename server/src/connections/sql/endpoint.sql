-- What it takes to call the Odoo of a connection.
select
    url,
    database,
    api_key_sealed,
    login,
    calls_per_second,
    odoo_version,
    tested_at is not null as "known!"
from connection
where id = $1

-- What it takes to call the Odoo of a connection.
select
    url,
    database,
    api_key_sealed,
    tested_at is not null as "known!"
from connection
where id = $1

-- Records that are put aside and were tried less often than the limit.
select odoo_id
from mirror_parked
where connection_id = $1
    and model = $2
    and tries < $3
order by odoo_id
limit $4

-- Records that are put aside, by id.
select odoo_id, error, tries, tried_at
from mirror_parked
where connection_id = $1
    and model = $2
order by odoo_id
limit $3

-- Records that are stored now are no longer put aside.
delete from mirror_parked
where connection_id = $1
    and model = $2
    and odoo_id = any($3::bigint[])

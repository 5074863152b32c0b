-- Puts a record aside that could not be read or stored, with what went wrong.
insert into mirror_parked (connection_id, model, odoo_id, error)
values ($1, $2, $3, $4)
on conflict (connection_id, model, odoo_id) do update
set error = excluded.error,
    tries = mirror_parked.tries + 1,
    tried_at = now()

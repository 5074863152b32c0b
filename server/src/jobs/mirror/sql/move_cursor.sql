-- All changes in Odoo before the cursor are stored now.
update mirror_model
set cursor = $3,
    synced_at = now()
where connection_id = $1
    and model = $2

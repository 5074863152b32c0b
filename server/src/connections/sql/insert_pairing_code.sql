-- Lets one Odoo save its own connection, for a while.
insert into access_token (hash, role, expires_at)
values ($1, 'pairing', now() + interval '15 minutes')
returning expires_at as "expires_at!"

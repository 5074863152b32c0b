-- Whether this server may make roles.
select (rolsuper or rolcreaterole) as "may!"
from pg_roles
where rolname = current_user

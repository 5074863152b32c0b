-- The LOGIKAL of a connection.
select url, username, password_sealed, directory, sessions, sibling_phases, sibling_elevations
from logikal_site
where connection_id = $1

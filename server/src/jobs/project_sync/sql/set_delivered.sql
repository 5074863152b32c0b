-- Remembers what Odoo has of elevations, while they are still this job's.
update project_elevation as elevation
set delivered = given.digest
from unnest($2::uuid[], $3::bytea[]) as given (id, digest)
where elevation.id = given.id
    and elevation.row_job = $1

-- Marks elevations of a phase that a complete listing does not name.
update project_elevation
set gone_at = now(),
    delivered = null
where phase_id = $1
    and gone_at is null
    and guid <> all ($2::uuid[])

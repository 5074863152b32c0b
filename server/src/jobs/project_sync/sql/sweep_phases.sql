-- Marks phases of a project that a complete listing does not name, and what is in them.
with swept as (
    update project_phase
    set gone_at = now()
    where project_id = $1
        and gone_at is null
        and guid <> all ($2::uuid[])
    returning id
)
update project_elevation
set gone_at = now(),
    delivered = null
where gone_at is null
    and phase_id in (select id from swept)

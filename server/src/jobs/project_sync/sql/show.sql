-- A project.
select
    id,
    guid,
    directory,
    name,
    job_number,
    offer_number,
    person_in_charge,
    currency,
    changed_date,
    synced_at,
    last_job_id,
    last_tally,
    (
        select count(*)
        from project_elevation as elevation
        join project_phase as phase on phase.id = elevation.phase_id
        where phase.project_id = project.id
            and elevation.gone_at is null
            and not elevation.is_recycled
    ) as "elevations!"
from project
where id = $1

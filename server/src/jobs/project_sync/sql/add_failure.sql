-- Remembers something that a job could not have.
insert into project_failure (project_id, job_id, place, part, phase, elevation, code, message)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (project_id, job_id, place, part) do update
set code = excluded.code,
    message = excluded.message

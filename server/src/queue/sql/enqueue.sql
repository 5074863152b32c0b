-- Adds a job, unless its request id did so before.
insert into job (
    id, connection_id, kind, title, spec, lane, priority, run_at, request_id, request_digest
)
values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, now()), $9, $10)
on conflict on constraint job_request_id_unique do nothing

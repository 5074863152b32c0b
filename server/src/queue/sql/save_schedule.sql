-- Keeps a schedule under its name.
insert into schedule (id, connection_id, name, cron, time_zone, kind, title, lane, spec, asked, next_run_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict on constraint schedule_name_unique do update
set cron = excluded.cron,
    time_zone = excluded.time_zone,
    kind = excluded.kind,
    title = excluded.title,
    lane = excluded.lane,
    spec = excluded.spec,
    asked = excluded.asked,
    next_run_at = excluded.next_run_at
returning
    connection_id as "connection: _", name, cron, time_zone, asked, next_run_at, last_job_id as "last_job: _"

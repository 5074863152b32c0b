-- One schedule whose time has come, locked so that one server alone runs it, and now on the database's clock.
select
    id as "id: ScheduleId", connection_id as "connection: ConnectionId", name, cron, time_zone, kind, title, lane, spec, next_run_at, now() as "now!"
from schedule
where next_run_at <= now()
order by next_run_at
limit 1
for update skip locked

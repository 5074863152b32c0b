-- A page of schedules of one kind by connection and name, after a position.
select
    connection_id as "connection: _", name, cron, time_zone, asked, next_run_at, last_job_id as "last_job: _"
from schedule
where kind = $5
    and ($1::uuid is null or connection_id = $1)
    and ($2::uuid is null or (connection_id, name) > ($2, $3::text))
order by connection_id, name
limit $4

-- Adds jobs, unless their request ids did so before, and gives their connections a share of the workers where they have none.
-- A share stays locked until the jobs are there, so that nobody drops it meanwhile. Each job's row tells its first event.
with incoming as (
    select
        id, connection_id, kind, title, spec::jsonb as spec, lane, priority, coalesce(run_at, now()) as run_at,
        request_id, request_digest
    from unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::timestamptz[],
        $9::text[], $10::bytea[]
    ) as job (id, connection_id, kind, title, spec, lane, priority, run_at, request_id, request_digest)
),
kept as (
    select connection_id
    from share
    where connection_id = any($11::uuid[])
    for key share
),
made as (
    insert into share (connection_id)
    select asked.connection_id
    from unnest($11::uuid[]) as asked (connection_id)
    where not exists (
        select
        from share
        where share.connection_id = asked.connection_id
    )
    -- One that was made at the same time is locked and brought as well.
    on conflict (connection_id) do update set max_running = share.max_running
    returning connection_id
)
insert into job (id, connection_id, kind, title, spec, lane, priority, run_at, request_id, request_digest, told_count)
select id, connection_id, kind, title, spec, lane, priority, run_at, request_id, request_digest, 1
from incoming
-- All or none: where a share was dropped at this moment, whoever asked for others asks again.
where (select count(*) from kept) + (select count(*) from made) = cardinality($11::uuid[])
on conflict (connection_id, request_id) where request_id is not null do nothing
returning id as "id: JobId", run_at, created_at

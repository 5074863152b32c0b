-- Adds jobs, unless their request ids did so before, and gives their connections a share of the workers where they have none.
with incoming as (
    select
        id, connection_id, kind, title, spec::jsonb as spec, lane, priority, coalesce(run_at, now()) as run_at,
        request_id, request_digest
    from unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::timestamptz[],
        $9::text[], $10::bytea[]
    ) as job (id, connection_id, kind, title, spec, lane, priority, run_at, request_id, request_digest)
),
shared as (
    insert into share (connection_id)
    select distinct connection_id
    from incoming
    where not exists (
        select
        from share
        where share.connection_id = incoming.connection_id
    )
    on conflict (connection_id) do nothing
)
insert into job (id, connection_id, kind, title, spec, lane, priority, run_at, request_id, request_digest)
select id, connection_id, kind, title, spec, lane, priority, run_at, request_id, request_digest
from incoming
on conflict (connection_id, request_id) where request_id is not null do nothing
returning id as "id: JobId", run_at, created_at

-- Notes that the texts of records may have changed.
insert into search_outbox as noted (model_id, record_id)
select $1, record_id
from unnest($2::bigint[]) as changed (record_id)
order by record_id
on conflict (model_id, record_id) do update
set version = noted.version + 1,
    noted_at = least(noted.noted_at, excluded.noted_at),
    tries = 0,
    run_at = excluded.run_at

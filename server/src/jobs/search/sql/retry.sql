-- Lets all records of a model that could not be embedded wait again.
with failed as (
    delete from search_failed
    where model_id = $1
    returning record_id
)
insert into search_outbox as noted (model_id, record_id)
select $1, record_id
from failed
order by record_id
on conflict (model_id, record_id) do update
set tries = 0,
    run_at = excluded.run_at

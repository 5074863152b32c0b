-- In how many seconds the next waiting record may be tried; null if none waits.
select extract(epoch from min(run_at) - now())::double precision as seconds
from search_outbox
where model_id = $1

-- How many records wait, whenever they may be tried.
select count(*) as "waiting!"
from search_outbox
where model_id = $1

-- Records behind an id that may be tried now, by id.
select record_id, version, tries
from search_outbox
where model_id = $1
    and record_id > $2
    and run_at <= now()
order by record_id
limit $3

-- The parts of records, to see which of them changed.
select record_id, part, title, content
from search_text
where model_id = $1
    and record_id = any($2::bigint[])
order by record_id, part

-- Parts in which all words occur, the best first.
select model_id, record_id, part, ts_rank_cd(words, asked.query, 1)::double precision as "rank!"
from search_text, to_tsquery('pg_catalog.simple', $2) as asked (query)
where model_id = any($1::integer[])
    and words @@ asked.query
order by 4 desc, model_id, record_id, part
limit $3

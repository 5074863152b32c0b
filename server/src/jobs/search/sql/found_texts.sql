-- The texts of what was found.
select found.model_id as "model_id!", found.record_id as "record_id!", found.part as "part!", stored.title, stored.content
from unnest($1::integer[], $2::bigint[], $3::integer[]) as found (model_id, record_id, part)
join search_text as stored
    on stored.model_id = found.model_id
        and stored.record_id = found.record_id
        and stored.part = found.part

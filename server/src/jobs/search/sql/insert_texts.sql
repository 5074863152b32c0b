-- Stores parts of records.
insert into search_text (model_id, record_id, part, title, content)
select $1, record_id, part, title, content
from unnest($2::bigint[], $3::integer[], $4::text[], $5::text[]) as written (record_id, part, title, content)

-- Drops the texts of records.
delete from search_text
where model_id = $1
    and record_id = any($2::bigint[])

-- Records that are gone, or were embedded, have failed no longer.
delete from search_failed
where model_id = $1
    and record_id = any($2::bigint[])

-- Lets records be tried again later.
update search_outbox
set tries = tries + 1,
    run_at = now() + make_interval(secs => $3::double precision)
where model_id = $1
    and record_id = any($2::bigint[])

-- Puts a record on the list of those that could not be embedded.
insert into search_failed (model_id, record_id, error, tries)
values ($1, $2, $3, $4)
on conflict (model_id, record_id) do update
set error = excluded.error,
    tries = excluded.tries,
    failed_at = now()

-- Mirrors a model from now on, as it was said before or as suits it.
insert into mirror_model (connection_id, model, field_choice, page_size)
values ($1, $2, 'suitable', $3)
on conflict (connection_id, model) do update
set is_mirrored = true

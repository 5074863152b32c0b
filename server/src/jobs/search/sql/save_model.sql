-- Makes a model searchable, or searchable in another way.
insert into search_model (connection_id, model, field_names)
values ($1, $2, $3)
on conflict (connection_id, model) do update
set field_names = excluded.field_names
returning id

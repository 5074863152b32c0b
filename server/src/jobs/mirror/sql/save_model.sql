-- Says how a model is mirrored from now on. With other records or fields than before its cursor no longer counts.
insert into mirror_model as known (connection_id, model, field_choice, field_names, domain, page_size, cron, time_zone)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (connection_id, model) do update
set is_mirrored = true,
    field_choice = excluded.field_choice,
    field_names = excluded.field_names,
    domain = excluded.domain,
    page_size = excluded.page_size,
    cron = excluded.cron,
    time_zone = excluded.time_zone,
    cursor = case when known.domain = excluded.domain then known.cursor end

-- What waited of records that are gone waits no longer; whoever embeds one of them at this moment is waited for.
delete from search_outbox
where model_id = $1
    and record_id = any($2::bigint[])

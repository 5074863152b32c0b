-- Completes a list. Hits no row if the connection has a list of the same bytes already.
update staged_list
set size_bytes = $2, sha256 = $3, touched_at = now()
where id = $1
    and not exists (
        select 1
        from staged_list as same
        where same.connection_id = staged_list.connection_id
            and same.sha256 = $3
    )

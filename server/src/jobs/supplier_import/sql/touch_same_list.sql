-- The connection's list of these bytes, kept for another while.
update staged_list
set touched_at = now()
where connection_id = $1
    and sha256 = $2
returning id

-- Says where the LOGIKAL of a connection is; null keeps its password, 0 its sessions. At another address nothing is known of it yet.
insert into logikal_site as known (connection_id, url, username, password_sealed, directory, sessions)
values ($1, $2, $3, $4, $5, case when $6::integer = 0 then 4 else $6 end)
on conflict (connection_id) do update
set url = excluded.url,
    username = excluded.username,
    password_sealed = excluded.password_sealed,
    directory = excluded.directory,
    sessions = case when $6 = 0 then known.sessions else excluded.sessions end,
    sibling_phases = case when known.url = excluded.url then known.sibling_phases end,
    sibling_elevations = case when known.url = excluded.url then known.sibling_elevations end
returning sessions

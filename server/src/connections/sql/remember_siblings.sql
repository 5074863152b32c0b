-- Remembers whether sessions of a LOGIKAL may go to neighbours; null keeps what is known.
update logikal_site
set sibling_phases = coalesce($3, sibling_phases),
    sibling_elevations = coalesce($4, sibling_elevations)
where connection_id = $1
    and url = $2
    and (sibling_phases, sibling_elevations) is distinct from
        (coalesce($3, sibling_phases), coalesce($4, sibling_elevations))

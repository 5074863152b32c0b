-- Uses a pairing code up; returns nothing if somebody was faster or it is too late.
delete from access_token
where hash = $1
    and role = 'pairing'
    and expires_at > now()
returning hash

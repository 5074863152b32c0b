-- Lets the first administrator in; does nothing if there is one already.
insert into access_token (hash, role)
select $1, 'admin'
where not exists (
    select
    from access_token
    where role = 'admin'
)
returning hash

-- Whom a token lets in: nobody if it is unknown or expired.
select
    access_token.role,
    connection.id as "connection_id?",
    connection.name as "connection_name?"
from access_token
left join connection on connection.id = access_token.connection_id
where access_token.hash = $1
    and (access_token.expires_at is null or access_token.expires_at > now())

-- Wakes the listeners of a channel once per payload, in one transaction.
select pg_notify($1, payload) as "sent: ()"
from unnest($2::text[]) as payload

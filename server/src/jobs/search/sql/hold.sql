-- Those records that still wait as they did when they were read, locked until the transaction ends.
select outbox.record_id
from search_outbox as outbox
join unnest($2::bigint[], $3::bigint[]) as read (record_id, version)
    on outbox.record_id = read.record_id
        and outbox.version = read.version
where outbox.model_id = $1
order by outbox.record_id
for update of outbox

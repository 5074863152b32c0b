-- Stores one piece of a list without waiting for the disk: the commit that completes the list waits for all before it.
with unhurried as (
    select set_config('synchronous_commit', 'off', true) as setting
)
insert into staged_piece (list_id, ordinal, data)
select $1::uuid, $2::integer, $3::bytea
from unhurried

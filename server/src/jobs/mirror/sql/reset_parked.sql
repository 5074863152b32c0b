-- Lets all records that are put aside be tried again.
update mirror_parked
set tries = 0
where connection_id = $1
    and model = $2

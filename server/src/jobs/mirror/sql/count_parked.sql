-- How many records are put aside.
select count(*) as "parked!"
from mirror_parked
where connection_id = $1
    and model = $2

-- Under which id changes of a mirrored model are noted; null if it is not searchable. Holds that for as long as the transaction.
select searched_as
from mirror_model
where connection_id = $1
    and model = $2
for share

-- One piece of a list.
select data
from staged_piece
where list_id = $1
    and ordinal = $2

-- The mapping that is kept for a supplier.
select columns
from import_mapping
where connection_id = $1
    and supplier_id = $2

-- The job that a request id made, and the digest of what it was made with.
select id as "id: JobId", request_digest
from job
where connection_id = $1
    and request_id = $2

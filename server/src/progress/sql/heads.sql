-- The latest seq of each of these jobs.
select job_id as "job: JobId", last_seq
from progress_head
where job_id = any($1)

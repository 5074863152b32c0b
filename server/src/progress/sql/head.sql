-- Where a job's story begins and ends, as far as it is kept.
select last_seq, oldest_seq
from progress_head
where job_id = $1

-- The list that a job reads.
select staged_list.id, staged_list.file_name
from import_list
inner join staged_list on staged_list.id = import_list.list_id
where import_list.job_id = $1

-- Says that a job needs its list no more.
delete from import_list
where job_id = $1

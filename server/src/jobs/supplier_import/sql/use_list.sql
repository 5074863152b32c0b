-- Says that a job reads a list, which keeps the list.
insert into import_list (job_id, list_id)
values ($1, $2)
on conflict (job_id) do nothing

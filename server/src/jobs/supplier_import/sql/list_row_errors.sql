-- Row errors of a job behind a row, of one code or of all.
select row_number, code, column_name, message, fields
from import_row_error
where job_id = $1
    and row_number > $2
    and ($3::text is null or code = $3)
order by row_number
limit $4

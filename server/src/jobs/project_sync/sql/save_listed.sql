-- Remembers projects of a listing; those that were known get what LOGIKAL says of them now.
insert into project (
    connection_id, guid, directory, name, job_number, offer_number, person_in_charge, created_date, changed_date, is_deleted,
    is_estimated
)
select distinct on (listed.guid)
    $1, listed.guid, listed.directory, listed.name, listed.job_number, listed.offer_number, listed.person_in_charge,
    listed.created_date, listed.changed_date, listed.is_deleted, listed.is_estimated
from jsonb_to_recordset($2) as listed (
    guid uuid, directory text, name text, job_number text, offer_number text, person_in_charge text, created_date timestamptz,
    changed_date timestamptz, is_deleted boolean, is_estimated boolean
)
on conflict (connection_id, guid) do update
set directory = excluded.directory,
    name = excluded.name,
    job_number = excluded.job_number,
    offer_number = excluded.offer_number,
    person_in_charge = excluded.person_in_charge,
    created_date = excluded.created_date,
    changed_date = excluded.changed_date,
    is_deleted = excluded.is_deleted,
    is_estimated = excluded.is_estimated,
    listed_at = now()

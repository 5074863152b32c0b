-- How many elevations a phase has, and how many of them a listing does not name.
select
    count(*) as "known!",
    count(*) filter (where guid <> all ($2::uuid[])) as "missing!"
from project_elevation
where phase_id = $1
    and gone_at is null

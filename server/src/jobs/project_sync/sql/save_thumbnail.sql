-- Gives an elevation its picture.
update project_elevation
set thumbnail = $2,
    thumbnail_of = $3,
    thumbnail_job = $4
where id = $1

-- Drops the lines of an elevation's former parts list.
delete from project_line
where elevation_id = $1

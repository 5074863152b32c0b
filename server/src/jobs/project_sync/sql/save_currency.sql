-- Stores in which currency a project's prices are.
update project
set currency = $2
where id = $1

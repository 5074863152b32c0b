-- Forgets a generation.
delete from search_generation
where id = $1

-- Lets a generation answer.
update search_generation
set is_serving = true
where id = $1

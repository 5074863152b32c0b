-- The generations that have vectors of a searchable model.
select generation.id
from search_generation as generation
join search_model as model
    on model.connection_id = generation.connection_id
where model.id = $1
order by generation.id

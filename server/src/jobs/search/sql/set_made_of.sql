-- Remembers of which fields texts are made.
update search_model
set
    made_of = $2,
    embedded_fields = $3
where id = $1

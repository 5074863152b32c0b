-- Remembers why the embedder could not be used, or that it could.
update search_model
set last_error = $2
where id = $1
    and last_error is distinct from $2

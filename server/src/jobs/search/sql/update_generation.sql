-- Changes how the embedder of a generation is called; what its vectors are stays.
update search_generation
set url = $2,
    api_key_sealed = $3,
    max_texts = $4,
    max_tokens = $5,
    calls_per_minute = $6,
    timeout_ms = $7,
    query_prefix = $8
where id = $1

-- The generations of a connection, the newest first.
select
    id,
    url,
    embedding_model,
    dimensions,
    api_key_sealed,
    max_texts,
    max_tokens,
    calls_per_minute,
    timeout_ms,
    query_prefix,
    text_prefix,
    is_serving,
    created_at
from search_generation
where connection_id = $1
order by id desc

-- Begins a generation; the first one of a connection answers at once.
insert into search_generation (
    connection_id, url, embedding_model, dimensions, api_key_sealed, max_texts, max_tokens, calls_per_minute, timeout_ms,
    query_prefix, text_prefix, is_serving
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
returning id

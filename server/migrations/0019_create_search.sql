-- Search: which models are searchable, by which embedder, their texts, and what waits to be embedded. Vectors have a length of
-- their own in each generation, and their type comes with an extension: their tables are made at run time.

create schema if not exists sluice_search;

-- An embedder's settings, and the vectors that were made by it: one that answers, and at most one that is being built.
create table search_generation (
    id bigint generated always as identity primary key,
    connection_id uuid not null references connection (id) on delete cascade,
    url text not null,
    embedding_model text not null,
    dimensions integer not null,
    -- Sealed; the connection's id and the word `embedder` are its associated data. Null if there is none.
    api_key_sealed bytea,
    -- The most texts of one call, and about the most tokens.
    max_texts integer not null,
    max_tokens integer not null,
    -- 0 means as many as we can.
    calls_per_minute integer not null,
    timeout_ms integer not null,
    -- What stands before each text that is searched for, and before each that is embedded.
    query_prefix text not null,
    text_prefix text not null,
    is_serving boolean not null,
    created_at timestamptz not null default now(),
    constraint search_generation_dimensions_range check (dimensions between 1 and 4000)
);

create unique index search_generation_serving on search_generation (connection_id) where is_serving;

create table search_model (
    id integer generated always as identity primary key,
    connection_id uuid not null,
    -- Odoo's name of the model.
    model text not null,
    -- Empty means what suits the model.
    field_names text[] not null,
    -- Which fields the texts were made of, with their labels: a digest. Texts made of others are made anew.
    made_of text not null default '',
    last_job_id uuid,
    -- Why the embedder could last not be used.
    last_error text,
    constraint search_model_unique unique (connection_id, model),
    foreign key (connection_id, model) references mirror_model (connection_id, model) on delete cascade
);

-- What is searched: a long record has several parts.
create table search_text (
    model_id integer not null references search_model (id) on delete cascade,
    record_id bigint not null,
    part integer not null,
    -- The record's name.
    title text not null,
    content text not null,
    words tsvector not null generated always as (to_tsvector('pg_catalog.simple', content)) stored,
    primary key (model_id, record_id, part)
);

create index search_text_words on search_text using gin (words);

-- Records whose text may have changed. A row comes in the transaction that changes the record in the mirror, and goes in the one
-- that stores its vectors.
create table search_outbox (
    model_id integer not null references search_model (id) on delete cascade,
    record_id bigint not null,
    -- Counts changes, so that one that comes while the record is embedded is not lost.
    version bigint not null default 1,
    noted_at timestamptz not null default now(),
    tries integer not null default 0,
    -- When it may be tried again.
    run_at timestamptz not null default now(),
    primary key (model_id, record_id)
);

-- Records that could not be embedded and wait for somebody, or for their next change.
create table search_failed (
    model_id integer not null references search_model (id) on delete cascade,
    record_id bigint not null,
    error text not null,
    tries integer not null,
    failed_at timestamptz not null default now(),
    primary key (model_id, record_id)
);

alter table mirror_model
    -- The id that its changes are noted under for search; null if it is not searchable. A page is stored under a share lock on
    -- this row, so that whoever makes the model searchable misses none.
    add column searched_as integer;

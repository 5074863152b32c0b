-- Which models of which connections are mirrored, how far each is, and what could not be mirrored.

-- The Postgres schema that holds a connection's tables.
create table mirror_schema (
    name text primary key,
    -- Null once the connection is gone; the schema is dropped then, and this row with it.
    connection_id uuid references connection (id) on delete set null,
    constraint mirror_schema_connection_unique unique (connection_id)
);

create table mirror_model (
    connection_id uuid not null references connection (id) on delete cascade,
    -- Odoo's name of the model.
    model text not null,
    -- False once it is mirrored no longer: its table stays, and this row says what is in it.
    is_mirrored boolean not null default true,
    field_choice text not null,
    -- The fields of the choice `named`.
    field_names text[] not null default '{}',
    -- Limits the records, in Odoo's form.
    domain jsonb not null default '[]',
    page_size integer not null,
    -- Null before the first run.
    table_name text,
    -- All changes in Odoo before this are stored; null before the first full sync is through.
    cursor timestamptz,
    -- When a sync or cleanup last came to its end.
    synced_at timestamptz,
    last_job_id uuid,
    primary key (connection_id, model),
    constraint mirror_model_table_unique unique (connection_id, table_name),
    constraint mirror_model_choice_known check (field_choice in ('suitable', 'curated', 'stored', 'named')),
    constraint mirror_model_page_size_range check (page_size between 1 and 10000)
);

create table mirror_field (
    connection_id uuid not null,
    model text not null,
    -- Odoo's name of the field.
    field text not null,
    -- Its column; null if it never had one.
    column_name text,
    column_type text,
    -- Whether it is read; an old column stays when its field is not.
    is_read boolean not null,
    -- Why it is not read, or not as before: a stable word and a sentence.
    dropped_code text,
    dropped_reason text,
    primary key (connection_id, model, field),
    foreign key (connection_id, model) references mirror_model (connection_id, model) on delete cascade,
    constraint mirror_field_column_unique unique (connection_id, model, column_name)
);

-- Records that could not be read from Odoo or stored here.
create table mirror_parked (
    connection_id uuid not null,
    model text not null,
    odoo_id bigint not null,
    error text not null,
    tries integer not null default 1,
    tried_at timestamptz not null default now(),
    primary key (connection_id, model, odoo_id),
    foreign key (connection_id, model) references mirror_model (connection_id, model) on delete cascade
);

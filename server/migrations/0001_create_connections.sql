-- The Odoo databases that Sluice serves, and the tokens that let callers in.

create table connection (
    id uuid primary key,
    -- How people and callers call it; also the name of its lane prefix and of its mirror.
    name text not null,
    url text not null,
    database text not null,
    -- The Odoo API key, sealed; the connection's id is its associated data.
    api_key_sealed bytea not null,
    -- How many of its jobs may run at once.
    max_running integer not null default 2,
    created_at timestamptz not null default now(),
    -- What Odoo said of itself when it was last reached with success.
    tested_at timestamptz,
    odoo_version text,
    addon_version text,
    constraint connection_name_unique unique (name),
    constraint connection_name_form check (name ~ '^[a-z0-9_-]{1,40}$'),
    constraint connection_max_running_range check (max_running between 1 and 100)
);

create table access_token (
    -- SHA-256 of the token; the token itself is shown once and kept nowhere.
    hash bytea primary key,
    role text not null,
    -- Whose jobs a connection's token may see; null for the other roles.
    connection_id uuid references connection (id) on delete cascade,
    created_at timestamptz not null default now(),
    -- When it stops working; null means never.
    expires_at timestamptz,
    constraint access_token_role_known check (role in ('admin', 'connection', 'pairing')),
    constraint access_token_connection_fits check ((role = 'connection') = (connection_id is not null))
);

create index access_token_by_connection on access_token (connection_id);

-- Supplier price lists on their way into Odoo: the lists themselves, what was wrong with their rows, and saved mappings.

create table staged_list (
    id uuid primary key,
    connection_id uuid not null references connection (id) on delete cascade,
    -- How people call it.
    file_name text not null,
    size_bytes bigint not null default 0,
    -- SHA-256 of the whole list; null until it is complete.
    sha256 bytea,
    -- When it was staged or last asked for; unused lists go by this.
    touched_at timestamptz not null default now(),
    -- The same bytes are one list, so that a repeated upload or request means the same.
    constraint staged_list_content_unique unique (connection_id, sha256)
);

create table staged_piece (
    list_id uuid not null references staged_list (id) on delete cascade,
    ordinal integer not null,
    data bytea not null,
    primary key (list_id, ordinal)
);

-- Lists compress badly while they are written and are read back whole: keep the bytes as they are.
alter table staged_piece alter column data set storage external;

-- The list that a job reads; while there is such a row the list is kept.
create table import_list (
    job_id uuid primary key references job (id) on delete cascade,
    list_id uuid not null references staged_list (id)
);

create index import_list_by_list on import_list (list_id);

create table import_row_error (
    job_id uuid not null references job (id) on delete cascade,
    -- The 1-based row in the file; the header counts.
    row_number integer not null,
    -- A stable lower_snake word.
    code text not null,
    -- The header of the column at fault; empty if the row as a whole is.
    column_name text not null,
    message text not null,
    -- The row's original fields, in order: an array of texts.
    fields jsonb not null,
    primary key (job_id, row_number)
);

create index import_row_error_by_code on import_row_error (job_id, code, row_number);

-- What columns mean, as somebody said for a supplier's lists.
create table import_mapping (
    connection_id uuid not null references connection (id) on delete cascade,
    -- The id of the contact in Odoo.
    supplier_id bigint not null,
    -- An array of {column, field}.
    columns jsonb not null,
    saved_at timestamptz not null default now(),
    primary key (connection_id, supplier_id)
);

-- LOGIKAL: where a connection's LOGIKAL is, and its projects as they were last fetched.

-- The LOGIKAL that a connection's projects come from.
create table logikal_site (
    connection_id uuid primary key references connection (id) on delete cascade,
    -- The address of its service.
    url text not null,
    username text not null,
    -- Sealed; the connection's id and the word `logikal` are its associated data.
    password_sealed bytea not null,
    -- The path below which projects are looked for by name; empty means everywhere.
    directory text not null default '',
    -- How many sessions may be open at once.
    sessions integer not null default 4,
    -- Whether a session may go to a neighbouring phase or elevation; null until it was tried.
    sibling_phases boolean,
    sibling_elevations boolean,
    constraint logikal_site_sessions_range check (sessions between 1 and 16)
);

-- Directories as they were last listed.
create table project_directory (
    connection_id uuid not null references connection (id) on delete cascade,
    -- The names from the top down to it, with `/` between them.
    path text not null,
    listed_at timestamptz not null default now(),
    primary key (connection_id, path)
);

create table project (
    id uuid primary key default gen_random_uuid(),
    connection_id uuid not null references connection (id) on delete cascade,
    -- LOGIKAL's key. Names are none: one occurs in several directories.
    guid uuid not null,
    directory text not null,
    name text not null,
    -- A text: its leading zeros count.
    job_number text not null default '',
    offer_number text not null default '',
    person_in_charge text not null default '',
    created_date timestamptz,
    changed_date timestamptz,
    is_deleted boolean not null default false,
    is_estimated boolean not null default false,
    -- As LOGIKAL writes it; empty before the first sync.
    currency text not null default '',
    -- When it was last seen in a listing.
    listed_at timestamptz not null default now(),
    -- When a sync last came to its end, which job it was, and what it counted.
    synced_at timestamptz,
    last_job_id uuid,
    last_tally jsonb,
    constraint project_guid_unique unique (connection_id, guid)
);

create index project_by_name on project (connection_id, name);

create table project_phase (
    id uuid primary key default gen_random_uuid(),
    project_id uuid not null references project (id) on delete cascade,
    -- The null GUID is the default phase of each project, so it is a key only together with the project.
    guid uuid not null,
    name text not null,
    description text not null default '',
    -- Its place in LOGIKAL's listing.
    position integer not null,
    -- When a complete listing no longer had it.
    gone_at timestamptz,
    constraint project_phase_guid_unique unique (project_id, guid)
);

-- Pictures and parts lists, each content once.
create table project_blob (
    sha256 bytea primary key,
    -- Packed by LZ4 behind its length.
    content bytea not null,
    constraint project_blob_sha256_length check (length(sha256) = 32)
);

alter table project_blob alter column content set storage external;

create table project_elevation (
    id uuid primary key default gen_random_uuid(),
    phase_id uuid not null references project_phase (id) on delete cascade,
    guid uuid not null,
    version_id uuid,
    name text not null,
    position integer not null,
    amount double precision not null,
    -- As listed, in millimetres.
    width_mm double precision not null,
    height_mm double precision not null,
    is_recycled boolean not null,
    automatic_description text not null,
    system_description text not null,
    model_description text not null,
    user_description text not null,
    base_surface text not null,
    base_color_inside text not null,
    base_color_outside text not null,
    insertion_surface text not null,
    insertion_color_inside text not null,
    insertion_color_outside text not null,
    created_by text not null,
    created_date timestamptz,
    changed_date timestamptz,
    kind text not null,
    state text not null,
    -- In the project's currency; null where LOGIKAL names none.
    net_price_per_unit double precision,
    total_price_per_unit double precision,
    net_price double precision,
    total_price double precision,
    -- Its picture, of which state of the elevation it is, and which job fetched it. The state is empty where LOGIKAL names none.
    thumbnail bytea references project_blob (sha256),
    thumbnail_of text not null default '',
    thumbnail_job uuid,
    -- Its parts list, likewise; whether it could be read is in `parts_error`.
    parts_list bytea references project_blob (sha256),
    parts_of text not null default '',
    parts_job uuid,
    -- What the parts list says of the elevation itself.
    parts_width_mm numeric,
    parts_height_mm numeric,
    weight_kg numeric,
    area_m2 numeric,
    perimeter_m numeric,
    system_code text not null default '',
    system_name text not null default '',
    -- What was strange about the parts list: codes and sentences.
    remarks jsonb not null default '[]',
    -- Its number among the rows that its latest job hands to Odoo.
    row_job uuid,
    row_number integer,
    -- Digest of what Odoo has of it; null if nothing, or nobody knows.
    delivered bytea,
    -- When a complete listing no longer had it.
    gone_at timestamptz,
    constraint project_elevation_guid_unique unique (phase_id, guid)
);

create index project_elevation_by_thumbnail on project_elevation (thumbnail);
create index project_elevation_by_parts_list on project_elevation (parts_list);

-- The lines of parts lists; each figure with its unit beside it.
create table project_line (
    elevation_id uuid not null references project_elevation (id) on delete cascade,
    position integer not null,
    kind text not null,
    -- The table of the parts list.
    source text not null,
    -- The field of the elevation that it is built into.
    insertion bigint,
    code text not null,
    supplier text not null,
    name text not null,
    description text not null,
    color text not null,
    amount numeric,
    amount_unit text,
    width numeric,
    width_unit text,
    height numeric,
    height_unit text,
    length numeric,
    length_unit text,
    weight numeric,
    weight_unit text,
    minutes numeric,
    price numeric,
    price_gross numeric,
    primary key (elevation_id, position),
    constraint project_line_kind_known check (kind in ('glass', 'profile', 'article', 'labour', 'price')),
    constraint project_line_units check (
        (amount is null) = (amount_unit is null) and (width is null) = (width_unit is null)
        and (height is null) = (height_unit is null) and (length is null) = (length_unit is null)
        and (weight is null) = (weight_unit is null)
    )
);

-- What the latest job of a project could not have.
create table project_failure (
    project_id uuid not null references project (id) on delete cascade,
    job_id uuid not null,
    -- What it concerns: the GUIDs of phase and elevation as far as there are, and the part.
    place text not null,
    part text not null,
    phase text not null,
    elevation text not null,
    code text not null,
    message text not null,
    primary key (project_id, job_id, place, part)
);

-- Jobs, the workers that hold them, and each connection's share of the workers.

-- A server process that runs jobs. It proves that it lives by holding the session advisory lock (7411, number).
create table worker (
    number integer generated always as identity primary key,
    -- Host and process, for people.
    name text not null,
    started_at timestamptz not null default now()
);

-- A connection's share of the workers. Its row is locked while one of its jobs is claimed, so counts are exact.
create table share (
    -- Without a cascade: a connection goes only when its work has gone, and `drop_share` sees to that.
    connection_id uuid primary key references connection (id),
    max_running integer not null default 2,
    -- When one of its jobs was last claimed: among equals, whoever waited longest is next.
    served_at timestamptz not null default now()
);

create table job (
    id uuid primary key,
    connection_id uuid not null references share (connection_id) on delete cascade,
    kind text not null,
    -- One line for people.
    title text not null,
    -- What to do; only the kind's own pipeline reads it.
    spec jsonb not null,
    -- What only one running job of the connection may hold; null if nothing.
    lane text,
    state text not null default 'queued',
    -- What somebody asked of the holder that it has not yet done.
    requested text,
    priority smallint not null default 0,
    run_at timestamptz not null default now(),
    -- The number of the run, and the fence: a holder's statements name it.
    attempt integer not null default 0,
    -- All restarts, whatever their cause.
    retry_count integer not null default 0,
    -- Failures since the last checkpoint; these use up the retry budget.
    failure_count integer not null default 0,
    -- Who holds it, until when, and when it last got further.
    worker integer,
    lease_until timestamptz,
    progressed_at timestamptz,
    -- What the holder waits for, such as Odoo being away; the watchdog leaves it alone meanwhile.
    waiting_reason text,
    -- How far the job is; only the kind's own pipeline reads it.
    checkpoint jsonb,
    rows_total bigint not null default 0,
    rows_done bigint not null default 0,
    created_count bigint not null default 0,
    updated_count bigint not null default 0,
    unchanged_count bigint not null default 0,
    skipped_count bigint not null default 0,
    error_count bigint not null default 0,
    -- Why the last attempt failed.
    error_code text,
    error_message text,
    -- What makes enqueueing idempotent, and a digest of what it was given with.
    request_id text,
    request_digest bytea,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    constraint job_state_known check (state in ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
    constraint job_requested_known check (requested in ('pause', 'cancel')),
    constraint job_requested_only_of_a_holder check (requested is null or state = 'running'),
    constraint job_held_while_running check (
        (state = 'running') = (worker is not null)
        and (state = 'running') = (lease_until is not null)
    ),
    constraint job_waits_only_while_running check (waiting_reason is null or state = 'running'),
    constraint job_finished_at_its_end check (
        (state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)
    ),
    constraint job_request_id_unique unique (connection_id, request_id)
);

-- One running job per lane, whatever the code does.
create unique index job_one_running_per_lane on job (connection_id, lane) where state = 'running';
create index job_waiting_by_connection on job (connection_id, priority desc, run_at, id) where state = 'queued';
create index job_running_by_connection on job (connection_id) where state = 'running';
create index job_by_creation on job (created_at desc, id desc);
create index job_finished on job (finished_at) where finished_at is not null;

-- Jobs that repeat by themselves.
create table schedule (
    id uuid primary key,
    connection_id uuid not null references share (connection_id) on delete cascade,
    name text not null,
    cron text not null,
    time_zone text not null,
    kind text not null,
    title text not null,
    lane text,
    spec jsonb not null,
    -- The request in its caller's words, kept to be shown again.
    asked bytea not null,
    next_run_at timestamptz not null,
    last_job_id uuid,
    constraint schedule_name_unique unique (connection_id, name)
);

create index schedule_due on schedule (next_run_at);

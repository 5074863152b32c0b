-- The durable story of each job.

create table progress_head (
    job_id uuid primary key,
    -- The latest seq; the row's lock gives events of one job their order, without gaps.
    last_seq bigint not null,
    -- The first seq that is still kept.
    oldest_seq bigint not null default 1
);

create table progress_event (
    job_id uuid not null references progress_head (job_id) on delete cascade,
    seq bigint not null,
    type text not null,
    written_at timestamptz not null default clock_timestamp(),
    attempt integer not null,
    message text not null,
    -- A stable lower_snake word; empty where the type says all.
    code text not null,
    -- The whole count after this event.
    rows_total bigint not null,
    rows_done bigint not null,
    created_count bigint not null,
    updated_count bigint not null,
    unchanged_count bigint not null,
    skipped_count bigint not null,
    error_count bigint not null,
    primary key (job_id, seq)
);

-- When a mirrored model is refreshed by itself; an empty expression means only when somebody asks.
alter table mirror_model
    add column cron text not null default '',
    -- The IANA time zone in which the expression is read; empty means UTC.
    add column time_zone text not null default '';

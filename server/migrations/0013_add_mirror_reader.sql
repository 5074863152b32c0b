-- Who may read a connection's mirror, besides the server.
alter table mirror_schema
    -- A role that may read its tables and nothing else, and may not log in; null where the server may make no roles.
    add column reader text,
    add constraint mirror_schema_reader_unique unique (reader);

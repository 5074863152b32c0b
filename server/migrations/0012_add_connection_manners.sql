-- How an Odoo wants to be called: by whom, where an API key alone says nothing of its user, and how often.
alter table connection
    -- The login of the service user; only Odoo 14 to 18 wants it.
    add column login text not null default '',
    -- How many calls a second each server may make; null means as many as it can.
    add column calls_per_second integer,
    add constraint connection_calls_per_second_range check (calls_per_second between 1 and 1000);

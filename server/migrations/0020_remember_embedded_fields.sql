-- The fields that the texts of a model are made of; empty before they were first made.
alter table search_model
    add column embedded_fields text[] not null default '{}';

-- Texts that were made before are looked at once more, so that this is known of them too.
update search_model
set made_of = '';

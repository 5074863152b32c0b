-- Lets a role that is called like the schema of the views look for the tables where they are: Postgres would look in a schema of
-- the role's own name first. Someone who has set a path of their own, or keeps the tables there, is left alone.
do $$
begin
    if current_user = 'sluice'
        and current_setting('search_path') like '%$user%'
        and to_regclass('sluice.job') is null
    then
        execute format('alter role current_user in database %I set search_path = public', current_database());
    end if;
end
$$

-- What each job writes on its way from queued to its end is kept small: fewer rows, fewer indexes, no zeros.
-- A server from before this migration cannot work beside one from after it.

-- A story's first and last seq are read off its events. Their order comes from the lock on the job's row, which whoever
-- tells something of a job holds; a row of its own for that was two more dead rows per job.
alter table progress_event drop constraint progress_event_job_id_fkey;
drop table progress_head;

-- Most events count nothing; null means 0.
alter table progress_event
    alter column rows_total drop not null,
    alter column rows_done drop not null,
    alter column created_count drop not null,
    alter column updated_count drop not null,
    alter column unchanged_count drop not null,
    alter column skipped_count drop not null,
    alter column error_count drop not null;

-- Each change of a job's state writes into each of its indexes. Ids sort by time of creation, which serves listing and
-- pruning; the index of lanes also serves to count what runs; and few jobs have a request id.
drop index job_by_creation;
drop index job_finished;
drop index job_running_by_connection;
alter table job drop constraint job_request_id_unique;
create unique index job_request_id_unique on job (connection_id, request_id) where request_id is not null;

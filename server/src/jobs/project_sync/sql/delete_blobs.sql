-- Drops contents that nothing refers to any more.
delete from project_blob as blob
where not exists (select from project_elevation where thumbnail = blob.sha256)
    and not exists (select from project_elevation where parts_list = blob.sha256)

-- Asks the holder of a running job to stop; it reads this when it renews its lease. A cancellation outranks a pause.
update job
set requested = case when requested = 'cancel' then 'cancel' else $2 end
where id = $1
    and state = 'running'

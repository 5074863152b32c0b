-- Takes back a pause that the holder has not yet heard of.
update job
set requested = null
where id = $1
    and state = 'running'
    and requested = 'pause'

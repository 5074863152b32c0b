-- Removes a schedule; its jobs stay.
delete from schedule
where connection_id = $1
    and name = $2

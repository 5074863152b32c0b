-- Removes a schedule of one kind; its jobs stay.
delete from schedule
where connection_id = $1
    and name = $2
    and kind = $3

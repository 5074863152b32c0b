-- Deletes a connection with its tokens; a foreign key refuses it while the queue still knows it.
delete from connection
where id = $1

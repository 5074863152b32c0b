-- Forgets tokens that no longer let anybody in.
delete from access_token
where expires_at <= now()

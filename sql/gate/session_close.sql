-- Closes a session. $1 session id
UPDATE public.mcp_session SET closed_at = pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())
WHERE session_id = $1 AND closed_at IS NULL

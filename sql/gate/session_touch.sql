-- Restarts the timeout of a session. $1 session id, $2 lifetime in seconds from now
UPDATE public.mcp_session SET last_seen = n.now, expires_at = n.now + pg_catalog.make_interval(secs => $2::int)
FROM (SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) AS now) n
WHERE session_id = $1 AND closed_at IS NULL

-- Sets the minimum log level of a session. $1 session id, $2 level
UPDATE public.mcp_session SET log_level = $2 WHERE session_id = $1 AND closed_at IS NULL

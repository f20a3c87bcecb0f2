-- An open session of this user and credential. $1 session id, $2 user, $3 API key or null, $4 session lifetime in
-- seconds by the current setting. The setting may be shorter now than when the session was opened.
SELECT pg_catalog.json_build_object(
    'protocol_version', s.protocol_version, 'client_name', s.client_name, 'client_version', s.client_version,
    'log_level', s.log_level, 'capabilities', coalesce(s.capabilities, '{}'),
    -- at most one write of the row per minute
    'touch', s.last_seen < pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) - interval '1 minute')::text
FROM public.mcp_session s
WHERE s.session_id = $1 AND s.user_id = $2::int AND s.api_key_id IS NOT DISTINCT FROM $3::int
  AND s.closed_at IS NULL
  AND least(s.expires_at, s.last_seen + pg_catalog.make_interval(secs => $4::int)) > pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())

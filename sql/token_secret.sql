-- The key of signed cursors and request states, combined with the uuid of this database.
SELECT pg_catalog.encode(s.secret, 'hex') || ' ' || p.value
FROM public.mcp_secret s, public.ir_config_parameter p
WHERE s.name = 'token' AND p.key = 'database.uuid'

-- The audit key, the uuid of its database and the current one, and the head record kept outside the seals.
SELECT pg_catalog.json_build_object(
    'secret', pg_catalog.encode(s.secret, 'hex'), 'since', s.since, 'database_uuid', s.database_uuid,
    'current_uuid', (SELECT p.value FROM public.ir_config_parameter p WHERE p.key = 'database.uuid'),
    'head', (SELECT pg_catalog.encode(h.secret, 'hex') FROM public.mcp_secret h WHERE h.name = 'audit_head'))::text
FROM public.mcp_secret s WHERE s.name = 'audit'

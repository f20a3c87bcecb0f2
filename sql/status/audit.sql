-- The extent of the sealed audit log, and whether its secrets belong to another database (`copy`).
SELECT pg_catalog.json_build_object(
    'seals', coalesce(l.id, 0), 'last_seal', pg_catalog.to_char(l.create_date, 'YYYY-MM-DD HH24:MI:SS'),
    'head', l.mac, 'unsealed_hours', (
        SELECT pg_catalog.round((extract(epoch FROM
                   pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) - a.create_date) / 3600)::numeric, 1)
        FROM public.mcp_audit_log a WHERE a.id > coalesce(l.last_id, 0) ORDER BY a.id LIMIT 1),
    'copy', coalesce(s.database_uuid <> p.value, false))::text
FROM public.mcp_secret s
LEFT JOIN public.ir_config_parameter p ON p.key = 'database.uuid'
LEFT JOIN LATERAL (SELECT * FROM public.mcp_audit_seal ORDER BY id DESC LIMIT 1) l ON true
WHERE s.name = 'audit'

-- The last seal.
SELECT pg_catalog.json_build_object('id', s.id, 'last_id', s.last_id, 'mac', s.mac)::text
FROM public.mcp_audit_seal s ORDER BY s.id DESC LIMIT 1

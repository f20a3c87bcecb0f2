-- The key of the audit log's HMACs.
SELECT pg_catalog.encode(s.secret, 'hex') FROM public.mcp_secret s WHERE s.name = 'audit'

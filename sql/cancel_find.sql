-- Calls that are running and whose notes hold all this. $1 an object: members of the audit entry
SELECT coalesce(pg_catalog.json_agg(c.entry), '[]')::text FROM public.mcp_inflight_call c WHERE c.entry @> $1::jsonb

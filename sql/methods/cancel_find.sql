-- In-flight calls whose audit entry contains these members. $1 an object: members of the audit entry
SELECT coalesce(pg_catalog.json_agg(c.entry), '[]')::text FROM public.mcp_inflight_call c WHERE c.entry @> $1::jsonb

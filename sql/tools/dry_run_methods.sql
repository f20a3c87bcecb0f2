-- Methods of a model that support a dry run. $1 the model
SELECT coalesce(pg_catalog.json_agg(m.method ORDER BY m.method), '[]')::text
FROM public.mcp_dry_run_method m
WHERE m.model = $1 AND m.active

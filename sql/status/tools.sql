-- The active tools with the properties that clients see
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', t.name, 'parameters', t.parameters, 'output_schema', t.output_schema)
           ORDER BY t.sequence, t.name), '[]')::text
FROM public.mcp_tool t
WHERE t.active

-- The active tools: an object of name to [method, whether the tool is marked as read-only]
SELECT coalesce(pg_catalog.json_object_agg(
           t.name, pg_catalog.json_build_array(t.method, coalesce(t.read_only_hint, false))), '{}')::text
FROM public.mcp_tool t
WHERE t.active

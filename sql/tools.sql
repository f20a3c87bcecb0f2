-- Active tools that the user may call. $1 user id, $2 name or null for all
WITH RECURSIVE held AS (
    SELECT g.gid AS id FROM public.res_groups_users_rel g WHERE g.uid = $1::int
    UNION
    SELECT r.hid FROM held h JOIN public.res_groups_implied_rel r ON r.gid = h.id
)
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'id', t.id, 'name', t.name, 'parameters', t.parameters, 'method', t.method,
           'output_schema', CASE WHEN $2 IS NOT NULL THEN nullif(pg_catalog.btrim(t.output_schema), '') END,
           'server_action_id', t.server_action_id, 'read_only_hint', coalesce(t.read_only_hint, false),
           'commits', coalesce(t.commits, false)) ORDER BY t.sequence, t.name), '[]')::text
FROM public.mcp_tool t
WHERE t.active
  AND ($2 IS NULL OR t.name = $2)
  AND (NOT EXISTS (SELECT FROM public.mcp_tool_group_rel r WHERE r.tool_id = t.id)
       OR EXISTS (SELECT FROM public.mcp_tool_group_rel r JOIN held h ON h.id = r.group_id WHERE r.tool_id = t.id))

-- Active tools that the caller may call. $1 user id, $2 name or null for all, $3 API key id or null, $4 whether nothing may
-- be changed, $5 whether a key without a scope may do nothing
WITH RECURSIVE held AS (
    SELECT g.gid AS id FROM public.res_groups_users_rel g WHERE g.uid = $1::int
    UNION
    SELECT r.hid FROM held h JOIN public.res_groups_implied_rel r ON r.gid = h.id
),
-- Of the caller's key: a scope that is not in force, is read-only or names its tools leaves out the others.
limits AS (
    SELECT s.id, coalesce(s.read_only, false) AS read_only,
           coalesce(s.active, false)
           AND coalesce(s.expires > pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), true) AS live,
           EXISTS (SELECT FROM public.mcp_key_scope_tool_rel r WHERE r.scope_id = s.id) AS named
    FROM public.mcp_key_scope s WHERE s.api_key_id = $3::int
)
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'id', t.id, 'name', t.name, 'parameters', t.parameters, 'method', t.method,
           'output_schema', CASE WHEN $2 IS NOT NULL THEN nullif(pg_catalog.btrim(t.output_schema), '') END,
           'server_action_id', t.server_action_id, 'read_only_hint', coalesce(t.read_only_hint, false),
           'destructive_hint', coalesce(t.destructive_hint, false),
           'commits', coalesce(t.commits, false)) ORDER BY t.sequence, t.name), '[]')::text
FROM public.mcp_tool t
WHERE t.active
  AND ($2 IS NULL OR t.name = $2)
  AND (NOT EXISTS (SELECT FROM public.mcp_tool_group_rel r WHERE r.tool_id = t.id)
       OR EXISTS (SELECT FROM public.mcp_tool_group_rel r JOIN held h ON h.id = r.group_id WHERE r.tool_id = t.id))
  AND (NOT $4::boolean OR t.read_only_hint)
  AND (NOT $5::boolean OR $3 IS NULL OR EXISTS (SELECT FROM limits))
  AND NOT EXISTS (SELECT FROM limits l
                  WHERE NOT l.live OR (l.read_only AND t.read_only_hint IS NOT TRUE)
                     OR (l.named AND NOT EXISTS (SELECT FROM public.mcp_key_scope_tool_rel r
                                                 WHERE r.scope_id = l.id AND r.tool_id = t.id)))

-- What a client's model is told at first: the tools that the user may call, by the method that does the work, and
-- the resource about the system as a whole. $1 user id,
-- $2 API key id or null, $3 whether nothing may be changed, $4 whether a key without a scope may do nothing
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
    FROM public.mcp_key_scope s WHERE s.api_key_id = $2::int
),
tools AS (
    SELECT t.method, t.name, t.sequence, t.read_only_hint
    FROM public.mcp_tool t
    WHERE t.active
      AND (NOT EXISTS (SELECT FROM public.mcp_tool_group_rel r WHERE r.tool_id = t.id)
           OR EXISTS (SELECT FROM public.mcp_tool_group_rel r JOIN held h ON h.id = r.group_id
                      WHERE r.tool_id = t.id))
      AND (NOT $3::boolean OR t.read_only_hint)
      AND (NOT $4::boolean OR $2 IS NULL OR EXISTS (SELECT FROM limits))
      AND NOT EXISTS (SELECT FROM limits l
                      WHERE NOT l.live OR (l.read_only AND t.read_only_hint IS NOT TRUE)
                         OR (l.named AND NOT EXISTS (SELECT FROM public.mcp_key_scope_tool_rel r
                                                     WHERE r.scope_id = l.id AND r.tool_id = t.id)))
)
SELECT pg_catalog.json_build_object(
    -- the first tool of a method speaks for it
    'tools', (SELECT coalesce(pg_catalog.json_object_agg(f.method, f.name), '{}')
              FROM (SELECT DISTINCT ON (t.method) t.method, t.name FROM tools t ORDER BY t.method, t.sequence, t.name) f),
    'system', (SELECT r.uri FROM public.mcp_resource r
               WHERE r.active AND r.kind = 'system'
                 AND (NOT EXISTS (SELECT FROM public.mcp_resource_group_rel g WHERE g.resource_id = r.id)
                      OR EXISTS (SELECT FROM public.mcp_resource_group_rel g JOIN held h ON h.id = g.group_id
                                 WHERE g.resource_id = r.id))
               ORDER BY r.sequence, r.id LIMIT 1),
    'writes', EXISTS (SELECT FROM tools t WHERE t.read_only_hint IS NOT TRUE))::text

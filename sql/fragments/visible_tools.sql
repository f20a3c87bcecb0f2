-- Follows held_groups.sql. The active tools that the caller may call. $1 user id, $2 API key id or null, $3 whether the
-- caller may only read, $4 whether a key without a scope may do nothing
,
-- Excludes tools by the scope of the caller's key: all if it is not in force, otherwise by read-only and by its list of
-- tools.
limits AS (
    SELECT s.id, coalesce(s.read_only, false) AS read_only,
           coalesce(s.active, false)
           AND coalesce(s.expires > pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), true) AS live,
           EXISTS (SELECT FROM public.mcp_key_scope_tool_rel r WHERE r.scope_id = s.id) AS named
    FROM public.mcp_key_scope s WHERE s.api_key_id = $2::int
),
visible_tools AS (
    SELECT t.*
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

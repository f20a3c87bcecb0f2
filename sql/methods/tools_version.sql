-- Follows fragments/held_groups.sql.
-- A short version of all rows behind the tools list and the instructions. It changes with every new version of one of
-- these rows (by ctid and xmin), and when the user's groups or key give access to other tools. $1 user id, $2 API key
-- id or null, $3 whether the caller may only read, $4 whether a key without a scope may do nothing
SELECT pg_catalog.concat_ws(
    ' ',
    (SELECT pg_catalog.concat(pg_catalog.count(*), ':', pg_catalog.sum(pg_catalog.hashtextextended(pg_catalog.concat(t.ctid, t.xmin), 0)))
     FROM public.mcp_tool t),
    (SELECT pg_catalog.concat(pg_catalog.count(*), ':', pg_catalog.sum(pg_catalog.hashtextextended(pg_catalog.concat(r.ctid, r.xmin), 0)))
     FROM public.mcp_resource r WHERE r.kind = 'system'),
    $3, $4, CASE WHEN $4::boolean THEN $2 IS NULL END,
    (SELECT pg_catalog.concat(s.id, ':', s.ctid, s.xmin, s.expires > pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()),
                              (SELECT pg_catalog.string_agg(r.tool_id::text, ',' ORDER BY r.tool_id)
                               FROM public.mcp_key_scope_tool_rel r WHERE r.scope_id = s.id))
     FROM public.mcp_key_scope s WHERE s.api_key_id = $2::int),
    -- skipped where no tool or resource is restricted to groups
    CASE WHEN EXISTS (SELECT FROM public.mcp_tool_group_rel) OR EXISTS (SELECT FROM public.mcp_resource_group_rel)
         THEN pg_catalog.concat(
             (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.concat(r.tool_id, '-', r.group_id), ',')
              FROM public.mcp_tool_group_rel r),
             ' ',
             (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.concat(r.resource_id, '-', r.group_id), ',')
              FROM public.mcp_resource_group_rel r),
             ' ',
             (SELECT pg_catalog.string_agg(h.id::text, ',' ORDER BY h.id) FROM held h)) END)

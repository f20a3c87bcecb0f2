-- What the lists of tools and the instructions are made of, in a few letters: other ones whenever one of these rows is another
-- version of itself (its place and its transaction tell), or the user's groups open other tools. $1 user id
WITH RECURSIVE held AS (
    SELECT g.gid AS id FROM public.res_groups_users_rel g WHERE g.uid = $1::int
    UNION
    SELECT r.hid FROM held h JOIN public.res_groups_implied_rel r ON r.gid = h.id
)
SELECT pg_catalog.concat_ws(
    ' ',
    (SELECT pg_catalog.concat(pg_catalog.count(*), ':', pg_catalog.sum(pg_catalog.hashtextextended(pg_catalog.concat(t.ctid, t.xmin), 0)))
     FROM public.mcp_tool t),
    (SELECT pg_catalog.concat(pg_catalog.count(*), ':', pg_catalog.sum(pg_catalog.hashtextextended(pg_catalog.concat(r.ctid, r.xmin), 0)))
     FROM public.mcp_resource r WHERE r.kind = 'system'),
    (SELECT pg_catalog.concat(p.ctid, p.xmin) FROM public.ir_config_parameter p WHERE p.key = 'odoo_mcp.instructions'),
    -- what follows costs nothing where no tool is for groups only
    CASE WHEN EXISTS (SELECT FROM public.mcp_tool_group_rel) OR EXISTS (SELECT FROM public.mcp_resource_group_rel)
         THEN pg_catalog.concat(
             (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.concat(r.tool_id, '-', r.group_id), ',')
              FROM public.mcp_tool_group_rel r),
             ' ',
             (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.concat(r.resource_id, '-', r.group_id), ',')
              FROM public.mcp_resource_group_rel r),
             ' ',
             (SELECT pg_catalog.string_agg(h.id::text, ',' ORDER BY h.id) FROM held h)) END)

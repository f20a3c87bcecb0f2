-- Follows fragments/visible_tools.sql.
-- The facts for the server's `instructions`: the tools that the user may call, by implementing method; the URI of the
-- resource that describes the system; whether one of the tools may change data.
SELECT pg_catalog.json_build_object(
    -- the first tool stands for its method
    'tools', (SELECT coalesce(pg_catalog.json_object_agg(f.method, f.name), '{}')
              FROM (SELECT DISTINCT ON (t.method) t.method, t.name FROM visible_tools t ORDER BY t.method, t.sequence, t.name) f),
    'system', (SELECT r.uri FROM public.mcp_resource r
               WHERE r.active AND r.kind = 'system'
                 AND (NOT EXISTS (SELECT FROM public.mcp_resource_group_rel g WHERE g.resource_id = r.id)
                      OR EXISTS (SELECT FROM public.mcp_resource_group_rel g JOIN held h ON h.id = g.group_id
                                 WHERE g.resource_id = r.id))
               ORDER BY r.sequence, r.id LIMIT 1),
    'writes', EXISTS (SELECT FROM visible_tools t WHERE t.read_only_hint IS NOT TRUE))::text

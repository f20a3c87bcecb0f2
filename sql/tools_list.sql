-- `tools/list` as it goes over the wire: the active tools that the user may see, in their order. Made here, because the
-- schemas are JSON texts already. The number of tools stands before it.
-- $1 user id, $2 whether the version has annotations, $3 whether it has titles and output schemas
WITH RECURSIVE held AS (
    SELECT g.gid AS id FROM public.res_groups_users_rel g WHERE g.uid = $1::int
    UNION
    SELECT r.hid FROM held h JOIN public.res_groups_implied_rel r ON r.gid = h.id
),
tools AS (
    SELECT t.sequence, t.name,
           '{"name":' || pg_catalog.to_json(t.name)
           || CASE WHEN $3::boolean AND t.title <> '' THEN ',"title":' || pg_catalog.to_json(t.title) ELSE '' END
           || ',"description":' || pg_catalog.to_json(coalesce(t.description, t.name))
           || ',"inputSchema":' || coalesce(nullif(pg_catalog.btrim(t.parameters), '')::json::text,
                                            '{"type":"object","properties":{},"additionalProperties":false}')
           || CASE WHEN $3::boolean AND pg_catalog.btrim(t.output_schema) <> ''
                   THEN ',"outputSchema":' || t.output_schema::json::text ELSE '' END
           || CASE WHEN $2::boolean THEN ',"annotations":{"readOnlyHint":' || coalesce(t.read_only_hint, false)::text
                   || ',"destructiveHint":' || coalesce(t.destructive_hint, false)::text
                   || ',"idempotentHint":' || coalesce(t.idempotent_hint, false)::text
                   || ',"openWorldHint":' || coalesce(t.open_world_hint, false)::text || '}' ELSE '' END
           || '}' AS listed
    FROM public.mcp_tool t
    WHERE t.active
      AND (NOT EXISTS (SELECT FROM public.mcp_tool_group_rel r WHERE r.tool_id = t.id)
           OR EXISTS (SELECT FROM public.mcp_tool_group_rel r JOIN held h ON h.id = r.group_id
                      WHERE r.tool_id = t.id))
)
SELECT count(*) || ' [' || coalesce(pg_catalog.string_agg(listed, ',' ORDER BY sequence, name), '') || ']'
FROM tools

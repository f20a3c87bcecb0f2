-- A page of `tools/list`: the active tools that the user may see, in their order. First the key after which the next
-- page begins, empty on the last one; then each tool after a record separator (U+001E) as four parts between unit
-- separators (U+001F): the beginning of its JSON object, its schemas as they are stored, its annotations. The schemas
-- are JSON texts already, so nothing is made of them here; neither separator can occur in valid JSON.
-- $1 user id, $2 whether the version has annotations, $3 whether it has titles and output schemas,
-- $4 the key of the tool before the page, [sequence, name, id] as JSON, or null, $5 tools in a page,
-- $6 API key id or null, $7 whether nothing may be changed, $8 whether a key without a scope may do nothing
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
    FROM public.mcp_key_scope s WHERE s.api_key_id = $6::int
),
page AS (
    SELECT t.*, coalesce(t.sequence, 2147483647) AS rank,
           pg_catalog.row_number() OVER (ORDER BY coalesce(t.sequence, 2147483647), t.name COLLATE "C", t.id) AS place
    FROM public.mcp_tool t
    WHERE t.active
      AND (NOT EXISTS (SELECT FROM public.mcp_tool_group_rel r WHERE r.tool_id = t.id)
           OR EXISTS (SELECT FROM public.mcp_tool_group_rel r JOIN held h ON h.id = r.group_id
                      WHERE r.tool_id = t.id))
      AND (NOT $7::boolean OR t.read_only_hint)
      AND (NOT $8::boolean OR $6 IS NULL OR EXISTS (SELECT FROM limits))
      AND NOT EXISTS (SELECT FROM limits l
                      WHERE NOT l.live OR (l.read_only AND t.read_only_hint IS NOT TRUE)
                         OR (l.named AND NOT EXISTS (SELECT FROM public.mcp_key_scope_tool_rel r
                                                     WHERE r.scope_id = l.id AND r.tool_id = t.id)))
      AND ($4 IS NULL
           OR (coalesce(t.sequence, 2147483647), t.name::text COLLATE "C", t.id)
              > (($4::json ->> 0)::int, ($4::json ->> 1) COLLATE "C", ($4::json ->> 2)::int))
    ORDER BY place
    LIMIT $5::int + 1
)
SELECT CASE WHEN pg_catalog.count(*) > $5::int
            THEN pg_catalog.max(pg_catalog.json_build_array(rank, name, id)::text) FILTER (WHERE place = $5::int) ELSE '' END
       || coalesce(pg_catalog.string_agg(
           E'\x1e{"name":' || pg_catalog.to_json(name)
           || CASE WHEN $3::boolean AND title <> '' THEN ',"title":' || pg_catalog.to_json(title) ELSE '' END
           || ',"description":' || pg_catalog.to_json(coalesce(description, name))
           || E'\x1f' || coalesce(pg_catalog.replace(pg_catalog.replace(parameters, E'\x1e', ''), E'\x1f', ''), '')
           || E'\x1f' || CASE WHEN $3::boolean
                              THEN coalesce(pg_catalog.replace(pg_catalog.replace(output_schema, E'\x1e', ''), E'\x1f', ''), '') ELSE '' END
           || E'\x1f' || CASE WHEN $2::boolean
                              THEN '{"readOnlyHint":' || coalesce(read_only_hint, false)::text
                                   || ',"destructiveHint":' || coalesce(destructive_hint, false)::text
                                   || ',"idempotentHint":' || coalesce(idempotent_hint, false)::text
                                   || ',"openWorldHint":' || coalesce(open_world_hint, false)::text || '}' ELSE '' END,
           '' ORDER BY place) FILTER (WHERE place <= $5::int), '')
FROM page

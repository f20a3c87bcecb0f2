-- Follows fragments/visible_tools.sql.
-- The tools that the caller may call, or only the one with a given name.
-- $5 name, or null for all
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'id', t.id, 'name', t.name, 'parameters', t.parameters, 'method', t.method,
           'output_schema', CASE WHEN $5 IS NOT NULL THEN nullif(pg_catalog.btrim(t.output_schema), '') END,
           'server_action_id', t.server_action_id, 'read_only_hint', coalesce(t.read_only_hint, false),
           'destructive_hint', coalesce(t.destructive_hint, false),
           'commits', coalesce(t.commits, false)) ORDER BY t.sequence, t.name), '[]')::text
FROM visible_tools t
WHERE $5 IS NULL OR t.name = $5

-- Follows fragments/held_groups.sql.
-- Active resources that the user may see, in order: those without groups or with one of the user's groups. A resource
-- about records of one model is omitted where Odoo's model access does not let the user read that model.
-- $1 user id, $2 whether templates (true) or single URIs (false), $3 the URI or template, or null for all, $4 key to
-- start after, as JSON [sequence, name, id], or null, $5 maximum number, or null for all
,
page AS (
    SELECT r.*, coalesce(r.sequence, 0) AS place
    FROM public.mcp_resource r
    WHERE r.active
      AND coalesce(r.is_template, false) = $2::boolean
      AND ($3 IS NULL OR r.uri = $3)
      AND ($4 IS NULL OR (coalesce(r.sequence, 0), r.name COLLATE "C", r.id)
                         > (($4::jsonb ->> 0)::bigint, ($4::jsonb ->> 1) COLLATE "C", ($4::jsonb ->> 2)::bigint))
      AND (NOT EXISTS (SELECT FROM public.mcp_resource_group_rel g WHERE g.resource_id = r.id)
           OR EXISTS (SELECT FROM public.mcp_resource_group_rel g JOIN held h ON h.id = g.group_id
                      WHERE g.resource_id = r.id))
      AND (r.kind NOT IN ('modules', 'module', 'field')
           OR EXISTS (SELECT FROM public.ir_model_access a JOIN public.ir_model m ON m.id = a.model_id
                      WHERE m.model = CASE r.kind WHEN 'field' THEN r.res_model ELSE 'ir.module.module' END
                        AND a.active AND a.perm_read
                        AND (a.group_id IS NULL OR a.group_id IN (SELECT h.id FROM held h))))
    ORDER BY coalesce(r.sequence, 0), r.name COLLATE "C", r.id
    LIMIT $5::bigint
)
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'id', p.id, 'sequence', p.place, 'name', p.name, 'title', nullif(p.title, ''),
           'description', nullif(p.description, ''), 'uri', p.uri, 'mime_type', nullif(p.mime_type, ''), 'kind', p.kind,
           'size', CASE WHEN p.kind IN ('text', 'binary') THEN p.size END, 'audience', nullif(p.audience, ''),
           'priority', CASE WHEN p.priority > 0 THEN p.priority END,
           'modified', CASE WHEN p.kind IN ('text', 'binary')
                            THEN pg_catalog.to_char(p.write_date, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END,
           'method', nullif(p.method, ''), 'model', nullif(p.res_model, ''), 'record_id', nullif(p.res_id, 0),
           'field', nullif(p.res_field, ''), 'most_kb', nullif(p.most_kb, 0))
           ORDER BY p.place, p.name COLLATE "C", p.id), '[]')::text
FROM page p

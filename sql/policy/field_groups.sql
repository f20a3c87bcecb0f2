-- Follows fragments/held_groups.sql.
-- Fields of a model that are restricted to groups which the user does not have, as the addon exports them.
-- $1 user id, $2 model, $3 field names (JSON list)
,
named AS (
    SELECT d.field, pg_catalog.btrim(part.name) AS name
    FROM public.mcp_field_dependency d,
         pg_catalog.regexp_split_to_table(pg_catalog.substr(d.on_field, 9), ',') AS part (name)
    WHERE d.model = $2 AND d.on_field LIKE '@groups:%' AND $3::jsonb ? d.field::text
),
judged AS (
    SELECT n.field, n.name, n.name LIKE '!%' AS negative,
           EXISTS (SELECT FROM public.ir_model_data x JOIN held h ON h.id = x.res_id
                   WHERE x.model = 'res.groups' AND x.module || '.' || x.name = pg_catalog.ltrim(n.name, '!')) AS is_held
    FROM named n
)
SELECT coalesce(pg_catalog.json_object_agg(f.field, f.names), '{}')::text
FROM (SELECT j.field, pg_catalog.string_agg(j.name, ', ' ORDER BY j.name) AS names
      FROM judged j GROUP BY j.field
      HAVING coalesce(pg_catalog.bool_or(j.is_held) FILTER (WHERE j.negative), false)
          OR NOT coalesce(pg_catalog.bool_or(j.is_held) FILTER (WHERE NOT j.negative), true)) f

-- Fields of one model that would tell what is hidden, by the dependencies that the addon exports (mcp_field_dependency):
-- through `related` or computed from it, whatever lies between. A model that is not to be read, or not all of whose records
-- are, hides only what is `related` to other records of it. $1 model, $2 what is hidden, a JSON object: `hidden` pairs of model and field, `only` the fields
-- that alone are shown, by model, `unreadable` models, `readable` those that alone may be read, or null.
-- The result: `known`, whether there are dependencies at all; `fields`; `searched`, fields that a method searches by.
WITH RECURSIVE seed (model, field, origin) AS (
    SELECT s.value ->> 0, s.value ->> 1, '' FROM pg_catalog.jsonb_array_elements($2::jsonb -> 'hidden') s
    UNION
    SELECT f.model, f.name, f.model
    FROM pg_catalog.jsonb_each($2::jsonb -> 'only') o JOIN public.ir_model_fields f ON f.model = o.key
    WHERE NOT o.value ? f.name AND f.name <> 'id'
),
tainted (model, field, origin, strong) AS (
    SELECT s.model, s.field, s.origin, true FROM seed s
    UNION
    -- What is computed from nobody knows what may tell everything of its record.
    SELECT d.model, d.field, s.origin, true
    FROM (SELECT DISTINCT model, origin FROM seed) s
    JOIN public.mcp_field_dependency d ON d.model = s.model AND d.on_field = '*'
    WHERE NOT (s.origin = d.model AND $2::jsonb -> 'only' -> d.model ? d.field::text)
    UNION
    SELECT d.model, d.field, '', false
    FROM public.mcp_field_dependency d
    WHERE d.related AND d.beyond
      AND (CASE WHEN $2::jsonb -> 'readable' = 'null'::jsonb THEN false ELSE NOT $2::jsonb -> 'readable' ? d.on_model::text END
           OR $2::jsonb -> 'unreadable' ? d.on_model::text)
    UNION
    SELECT d.model, d.field, t.origin, t.strong
    FROM tainted t JOIN public.mcp_field_dependency d ON d.on_model = t.model AND d.on_field IN (t.field, '*')
    -- The name of a record tells of what it is named after.
    WHERE (d.on_field = t.field OR (t.strong AND d.field = '@names'))
      AND (t.strong OR d.related OR d.field IN ('display_name', 'complete_name', '@names'))
      -- Who lists a field to be shown has seen what it is made of; what is hidden by name stays hidden.
      AND NOT (t.origin = d.model AND $2::jsonb -> 'only' -> d.model ? d.field::text)
)
SELECT pg_catalog.json_build_object(
    'known', EXISTS (SELECT FROM public.mcp_field_dependency d WHERE d.model = ''),
    'fields', (SELECT coalesce(pg_catalog.json_agg(DISTINCT t.field), '[]') FROM tainted t WHERE t.model = $1),
    'searched', (SELECT coalesce(pg_catalog.json_agg(d.field), '[]') FROM public.mcp_field_dependency d
                 WHERE d.model = $1 AND d.on_field = '@search'))::text

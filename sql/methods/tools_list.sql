-- Follows fragments/visible_tools.sql.
-- A page of `tools/list`, with one row for each tool and one more if another page follows. All columns are texts;
-- schemas are in their stored form. `key`: the key of the next page's cursor.
-- $5 whether the version has annotations, $6 whether it has titles and output schemas, $7 the key of the tool before
-- the page, [sequence, name, id] as JSON, or null, $8 maximum number of rows
SELECT t.name::text, CASE WHEN $6::boolean THEN nullif(t.title, '') END::text AS title,
       coalesce(t.description, t.name)::text AS description, t.parameters::text,
       CASE WHEN $6::boolean THEN t.output_schema END::text AS output_schema,
       CASE WHEN $5::boolean THEN coalesce(t.read_only_hint, false) END::text AS read_only_hint,
       CASE WHEN $5::boolean THEN coalesce(t.destructive_hint, false) END::text AS destructive_hint,
       CASE WHEN $5::boolean THEN coalesce(t.idempotent_hint, false) END::text AS idempotent_hint,
       CASE WHEN $5::boolean THEN coalesce(t.open_world_hint, false) END::text AS open_world_hint,
       pg_catalog.json_build_array(coalesce(t.sequence, 2147483647), t.name, t.id)::text AS key
FROM visible_tools t
WHERE $7 IS NULL
   OR (coalesce(t.sequence, 2147483647), t.name::text COLLATE "C", t.id)
      > (($7::json ->> 0)::int, ($7::json ->> 1) COLLATE "C", ($7::json ->> 2)::int)
ORDER BY coalesce(t.sequence, 2147483647), t.name COLLATE "C", t.id
LIMIT $8::int

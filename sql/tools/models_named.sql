-- Follows fragments/held_groups.sql.
-- Names of the models that the user may read (as in readable_models.sql), in the user's language and in English: the
-- model's label and the names of the window actions that show its records. $1 user id, $2 language
,
windows AS (
    SELECT w.res_model AS model, pg_catalog.json_agg(DISTINCT n.name) AS names
    FROM public.ir_act_window w, LATERAL (VALUES (w.name ->> $2), (w.name ->> 'en_US')) AS n (name)
    WHERE n.name IS NOT NULL
    GROUP BY w.res_model
)
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'model', m.model, 'label', coalesce(m.name ->> $2, m.name ->> 'en_US', m.model),
           'english', m.name ->> 'en_US', 'windows', w.names) ORDER BY m.model), '[]')::text
FROM public.ir_model m
LEFT JOIN windows w ON w.model = m.model
WHERE m.transient IS NOT TRUE
  AND EXISTS (SELECT FROM public.ir_model_access a
              WHERE a.model_id = m.id AND a.active AND a.perm_read
                AND (a.group_id IS NULL OR a.group_id IN (SELECT h.id FROM held h)))
  AND pg_catalog.to_regclass('public.' || pg_catalog.quote_ident(pg_catalog.replace(m.model, '.', '_'))) IS NOT NULL

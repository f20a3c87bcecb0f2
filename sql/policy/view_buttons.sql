-- Views of a model that contain buttons for methods, without those restricted to groups that the user does not have,
-- and the external ids of the user's groups. $1 model, $2 a text that each view must contain: the name of a method, or
-- empty; $3 ids of the user's groups (JSON list)
WITH held AS (
    SELECT g.value::int AS id FROM pg_catalog.jsonb_array_elements_text($3::jsonb) g
)
SELECT pg_catalog.json_build_object(
    'views', (SELECT coalesce(pg_catalog.json_agg(coalesce(v.arch_db ->> 'en_US', v.arch_db::text)), '[]')
              FROM public.ir_ui_view v
              WHERE v.model = $1 AND v.active AND pg_catalog.strpos(v.arch_db::text, $2) > 0
                AND (NOT EXISTS (SELECT FROM public.ir_ui_view_group_rel r WHERE r.view_id = v.id)
                     OR EXISTS (SELECT FROM public.ir_ui_view_group_rel r JOIN held h ON h.id = r.group_id
                                WHERE r.view_id = v.id))),
    'groups', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.concat(d.module, '.', d.name)), '[]')
               FROM public.ir_model_data d JOIN held h ON h.id = d.res_id
               WHERE d.model = 'res.groups'))::text

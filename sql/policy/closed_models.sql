-- Every model with the facts that decide whether it is closed: whether only Odoo's administrators may change its
-- records (as in model_writers.sql), and whether it has an access record. Also the digest of the exported facts.
SELECT pg_catalog.json_build_object(
    'facts', (SELECT d.field FROM public.mcp_field_dependency d WHERE d.model = ''),
    'models', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                   'model', m.model, 'label', coalesce(m.name ->> 'en_US', m.model),
                   'administered', coalesce(w.administered, false),
                   'opened', EXISTS (SELECT FROM public.mcp_access a WHERE a.active AND a.model = m.model))
                   ORDER BY m.model), '[]')
               FROM public.ir_model m
               LEFT JOIN (
                   SELECT a.model_id, pg_catalog.bool_and(EXISTS (
                       SELECT FROM public.ir_model_data d
                       WHERE d.model = 'res.groups' AND d.res_id = a.group_id AND d.module = 'base'
                         AND d.name IN ('group_system', 'group_erp_manager'))) AS administered
                   FROM public.ir_model_access a
                   WHERE a.active AND (a.perm_write OR a.perm_create OR a.perm_unlink)
                   GROUP BY a.model_id
               ) w ON w.model_id = m.id))::text

-- Whether only Odoo's administrators may change records of a model. True if access rights allow changes, and all of
-- these belong to the groups Settings or Access Rights. $1 model
SELECT coalesce(pg_catalog.bool_and(EXISTS (
           SELECT FROM public.ir_model_data d
           WHERE d.model = 'res.groups' AND d.res_id = a.group_id AND d.module = 'base'
             AND d.name IN ('group_system', 'group_erp_manager'))), false)::text
FROM public.ir_model_access a JOIN public.ir_model m ON m.id = a.model_id
WHERE m.model = $1 AND a.active AND (a.perm_write OR a.perm_create OR a.perm_unlink)

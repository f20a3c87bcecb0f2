-- Ids of the addon's own groups.
SELECT d.res_id::text AS id
FROM public.ir_model_data d
WHERE d.module = 'odoo_mcp' AND d.model = 'res.groups' AND d.name IN ('group_mcp_user', 'group_mcp_administrator')

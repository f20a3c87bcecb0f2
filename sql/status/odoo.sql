-- Versions of Odoo and of the addon, and the addon's state
SELECT pg_catalog.json_build_object(
    'odoo', (SELECT m.latest_version FROM public.ir_module_module m WHERE m.name = 'base'),
    'addon', (SELECT m.latest_version FROM public.ir_module_module m WHERE m.name = 'odoo_mcp'),
    'addon_state', (SELECT m.state FROM public.ir_module_module m WHERE m.name = 'odoo_mcp'))::text

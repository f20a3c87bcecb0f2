-- Whether this database can serve, and the settings.
SELECT pg_catalog.json_build_object(
    'recovery', pg_catalog.pg_is_in_recovery(),
    'isolation', pg_catalog.current_setting('transaction_isolation'),
    'extension', (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'odoo_mcp'),
    'module', (SELECT m.state FROM public.ir_module_module m WHERE m.name = 'odoo_mcp'),
    'settings', (SELECT pg_catalog.json_object_agg(p.key, p.value) FROM public.ir_config_parameter p
                 WHERE p.key LIKE 'odoo\_mcp.%' OR p.key = 'web.base.url'))::text

-- The part of the configuration that the gate needs. `secret`: key of the audit rows' HMACs; `is_watched`: whether the
-- triggers of the addon's catalogue.sql record the changes of these tables.
SELECT
    (SELECT m.state::text FROM public.ir_module_module m WHERE m.name = 'odoo_mcp') AS module,
    (SELECT pg_catalog.json_object_agg(p.key, p.value)::text FROM public.ir_config_parameter p
     WHERE p.key LIKE 'odoo\_mcp.%' OR p.key = 'web.base.url') AS settings,
    (SELECT pg_catalog.encode(s.secret, 'hex') FROM public.mcp_secret s WHERE s.name = 'audit') AS secret,
    ((SELECT pg_catalog.count(*) FROM pg_catalog.pg_trigger t
      WHERE t.tgname = 'mcp_catalogue_changed' AND t.tgenabled IN ('O', 'A')
            AND t.tgrelid IN ('public.ir_module_module'::pg_catalog.regclass,
                              'public.ir_config_parameter'::pg_catalog.regclass,
                              'public.mcp_secret'::pg_catalog.regclass)) = 3)::text AS is_watched

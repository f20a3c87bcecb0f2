-- Follows fragments/held_groups.sql.
-- The system as the user may know it: `server` only for administrators of Odoo or MCP. $1 user id
SELECT pg_catalog.json_build_object(
    'odoo', (SELECT m.latest_version FROM public.ir_module_module m WHERE m.name = 'base'),
    'addon', (SELECT m.latest_version FROM public.ir_module_module m WHERE m.name = 'odoo_mcp'),
    'name', (SELECT p.name FROM public.res_users u JOIN public.res_partner p ON p.id = u.partner_id WHERE u.id = $1::int),
    -- the user's own company first
    'companies', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                             'id', c.id, 'name', c.name, 'currency', k.name) ORDER BY c.id <> u.company_id, c.id), '[]')
                  FROM public.res_users u
                  JOIN public.res_company_users_rel r ON r.user_id = u.id
                  JOIN public.res_company c ON c.id = r.cid AND c.active
                  LEFT JOIN public.res_currency k ON k.id = c.currency_id
                  WHERE u.id = $1::int),
    'languages', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('code', l.code, 'name', l.name)
                                                      ORDER BY l.code), '[]')
                  FROM public.res_lang l WHERE l.active),
    'server', (SELECT pg_catalog.json_build_object(
                   'database', pg_catalog.current_database(),
                   'postgresql', pg_catalog.current_setting('server_version'),
                   'extension', (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'odoo_mcp'),
                   'installed_modules', (SELECT count(*) FROM public.ir_module_module m WHERE m.state = 'installed'))
               WHERE EXISTS (SELECT FROM held h
                             JOIN public.ir_model_data d ON d.res_id = h.id AND d.model = 'res.groups'
                             WHERE (d.module, d.name) IN (('base', 'group_system'),
                                                          ('odoo_mcp', 'group_mcp_administrator')))))::text

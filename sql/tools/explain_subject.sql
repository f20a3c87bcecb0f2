-- Follows fragments/held_groups.sql.
-- The user whose access the caller asks about, and whether the caller may ask about others (MCP administrators may).
-- $1 id of the calling user, $2 login or id of the other user
SELECT pg_catalog.json_build_object(
    'administrator', EXISTS (SELECT FROM public.ir_model_data d JOIN held h ON h.id = d.res_id
                             WHERE d.module = 'odoo_mcp' AND d.model = 'res.groups'
                               AND d.name = 'group_mcp_administrator'),
    -- a matching login takes precedence over a matching id
    'id', (SELECT u.id FROM public.res_users u WHERE u.login = $2 OR u.id::text = $2
           ORDER BY u.login = $2 DESC LIMIT 1))::text

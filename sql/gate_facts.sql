-- All that the gate asks, in one statement.
-- $1 names of system parameters (JSON list), $2 key index, $3 id of the user whose password was proven before,
-- $4 names of the fields that Odoo's session token depends on (JSON list)
WITH RECURSIVE
keys AS (
    SELECT k.id, k.user_id, k.name, k.scope, k.key,
           pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(k.key, 'UTF8')), 'hex') AS digest
    FROM public.res_users_apikeys k
    WHERE k.index = $2
      AND (k.scope IS NULL OR k.scope IN ('rpc', 'mcp'))
      -- the column exists from Odoo 18 on
      AND coalesce((pg_catalog.to_jsonb(k) ->> 'expiration_date')::timestamp
                   >= pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), true)
),
mcp_groups AS (
    SELECT d.res_id AS id, d.name
    FROM public.ir_model_data d
    WHERE d.module = 'odoo_mcp' AND d.model = 'res.groups' AND d.name IN ('group_mcp_user', 'group_mcp_administrator')
),
-- Groups that imply ours. Odoo 19 stores only explicit memberships; before, the closure was stored, and this adds none.
implying AS (
    SELECT id, name FROM mcp_groups
    UNION
    SELECT r.gid, i.name FROM implying i JOIN public.res_groups_implied_rel r ON r.hid = i.id
)
SELECT pg_catalog.json_build_object(
    'recovery', pg_catalog.pg_is_in_recovery(),
    'isolation', pg_catalog.current_setting('transaction_isolation'),
    'extension', (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'odoo_mcp'),
    'module', (SELECT pg_catalog.json_build_object('state', m.state)
               FROM public.ir_module_module m WHERE m.name = 'odoo_mcp'),
    'settings', (SELECT pg_catalog.json_object_agg(p.key, p.value) FROM public.ir_config_parameter p
                 WHERE p.key IN (SELECT pg_catalog.jsonb_array_elements_text($1::jsonb))),
    'keys', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                'id', k.id, 'user_id', k.user_id, 'name', k.name, 'scope', k.scope, 'hash', k.key, 'digest', k.digest)), '[]')
             FROM keys k),
    'users', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                'id', u.id, 'login', u.login, 'active', u.active,
                'groups', (SELECT coalesce(pg_catalog.json_agg(DISTINCT i.name), '[]')
                           FROM implying i JOIN public.res_groups_users_rel g ON g.gid = i.id AND g.uid = u.id),
                'digest', CASE WHEN u.id = $3::int THEN
                    (SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
                        pg_catalog.jsonb_object_agg(f.key, f.value)::text, 'UTF8')), 'hex')
                     FROM pg_catalog.jsonb_each(pg_catalog.to_jsonb(u)) f
                     WHERE f.key IN (SELECT pg_catalog.jsonb_array_elements_text($4::jsonb))) END)), '[]')
              FROM public.res_users u
              WHERE u.id IN (SELECT user_id FROM keys UNION ALL SELECT $3::int))
)::text

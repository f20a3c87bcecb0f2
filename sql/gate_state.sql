-- Whether this database can serve, the settings, and the usable API keys with an index and their owners.
-- `member`: whether the owner is in one of this addon's groups by a membership of its own; `own`: limits of the key's
-- scope; `secret`: what the audit row's HMAC is made with; `catalogue`: the version of the tools and resources.
-- $1 key index or null; of failed attempts: $2 `login`, `key` or null, $3 that login or key, $4 address
SELECT pg_catalog.json_build_object(
    'recovery', pg_catalog.pg_is_in_recovery(),
    'isolation', pg_catalog.current_setting('transaction_isolation'),
    'extension', (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'odoo_mcp'),
    'module', (SELECT m.state FROM public.ir_module_module m WHERE m.name = 'odoo_mcp'),
    'settings', (SELECT pg_catalog.json_object_agg(p.key, p.value) FROM public.ir_config_parameter p
                 WHERE p.key LIKE 'odoo\_mcp.%' OR p.key = 'web.base.url'),
    'secret', (SELECT pg_catalog.encode(s.secret, 'hex') FROM public.mcp_secret s WHERE s.name = 'audit'),
    'catalogue', (SELECT pg_catalog.concat_ws(':', pg_catalog.count(*), pg_catalog.sum(v.id), pg_catalog.max(v.id))
                  FROM public.mcp_catalogue v),
    'lockouts', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                     'kind', l.kind, 'failures', l.failures,
                     -- null: not locked
                     'seconds', nullif(greatest(0, pg_catalog.ceil(pg_catalog.date_part(
                         'epoch', l.locked_until - pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()))))::int, 0)))
                 FROM public.mcp_lockout l
                 WHERE l.address = $4 AND (l.kind, l.subject) IN (('address', ''), ($2, $3))),
    'keys', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                 'id', k.id, 'name', k.name, 'scope', k.scope, 'hash', k.key,
                 'digest', pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(k.key, 'UTF8')), 'hex'),
                 'own', CASE WHEN c.id IS NOT NULL THEN pg_catalog.json_build_object(
                     'networks', coalesce(c.networks, ''), 'per_minute', coalesce(c.rate_per_minute, 0),
                     'burst', coalesce(c.burst, 0), 'max_concurrent', coalesce(c.max_concurrent, 0)) END,
                 'user', pg_catalog.json_build_object(
                     'id', u.id, 'login', u.login, 'active', u.active,
                     'member', EXISTS (SELECT FROM public.ir_model_data d
                                       JOIN public.res_groups_users_rel g ON g.gid = d.res_id AND g.uid = u.id
                                       WHERE d.module = 'odoo_mcp' AND d.model = 'res.groups'
                                         AND d.name IN ('group_mcp_user', 'group_mcp_administrator')))))
             FROM public.res_users_apikeys k
             JOIN public.res_users u ON u.id = k.user_id
             LEFT JOIN public.mcp_key_scope c ON c.api_key_id = k.id
             WHERE k.index = $1
               -- a key with a scope that is archived or over opens nothing
               AND (c.id IS NULL
                    OR c.active AND coalesce(c.expires > pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), true))
               AND (k.scope IS NULL OR k.scope IN ('rpc', 'mcp'))
               -- the column exists from Odoo 18 on
               AND coalesce((pg_catalog.to_jsonb(k) ->> 'expiration_date')::timestamp
                            >= pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), true)))::text

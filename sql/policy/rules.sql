-- The policy of one caller: the access records of models, and the scope of the caller's API key with its lines. Fields
-- are given by name, domains as the JSON text stored when the rule was saved. A domain without that text matches
-- nothing. The names of a removed app's fields count as well, so that a rule applies as soon as the app is installed
-- again.
-- `is_watched`: whether the triggers of the addon's catalogue.sql record the changes of all these tables. $1 API key
-- id, or null
SELECT pg_catalog.json_build_object(
    'is_watched', (SELECT pg_catalog.count(*) = 15 FROM pg_catalog.pg_trigger t
                   WHERE t.tgname = 'mcp_catalogue_changed' AND t.tgenabled IN ('O', 'A') AND t.tgrelid IN (
                       SELECT pg_catalog.to_regclass('public.' || w.name) FROM pg_catalog.unnest(ARRAY[
                           'ir_module_module', 'ir_model_fields', 'res_groups', 'mcp_field_dependency', 'mcp_tool',
                           'mcp_access', 'mcp_access_group_rel', 'mcp_access_allowed_field_rel',
                           'mcp_access_hidden_field_rel', 'mcp_key_scope', 'mcp_key_scope_company_rel',
                           'mcp_key_scope_tool_rel', 'mcp_key_scope_line', 'mcp_key_scope_line_allowed_field_rel',
                           'mcp_key_scope_line_hidden_field_rel']) AS w (name))),
    'series', (SELECT nullif(pg_catalog.regexp_replace(pg_catalog.split_part(m.latest_version, '.', 1), '\D', '', 'g'), '')::int
               FROM public.ir_module_module m WHERE m.name = 'base'),
    -- the digest of the exported field dependencies
    'facts', (SELECT d.field FROM public.mcp_field_dependency d WHERE d.model = ''),
    -- the key's scope in Odoo: a key with `mcp` is made together with a scope of the addon
    'key_scope', (SELECT k.scope FROM public.res_users_apikeys k WHERE k.id = $1::int),
    'access', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                   'model', a.model, 'read', a.perm_read, 'write', a.perm_write, 'create', a.perm_create,
                   'unlink', a.perm_unlink, 'call', a.perm_call,
                   'confirm_write', a.confirm_write, 'confirm_create', a.confirm_create,
                   'confirm_unlink', a.confirm_unlink, 'confirm_call', a.confirm_call, 'free_methods', a.free_methods,
                   'allowed_methods', a.allowed_methods, 'blocked_methods', a.blocked_methods,
                   'domain', CASE WHEN pg_catalog.btrim(coalesce(a.domain, '')) NOT IN ('', '[]')
                                  THEN coalesce(a.domain_json, '[[0, "=", 1]]') END,
                   'allowed_fields', (SELECT pg_catalog.json_agg(n.name) FROM (
                                       SELECT f.name FROM public.mcp_access_allowed_field_rel r
                                       JOIN public.ir_model_fields f ON f.id = r.field_id WHERE r.access_id = a.id
                                       UNION SELECT pg_catalog.string_to_table(a.lost_allowed, E'\n')) n),
                   'hidden_fields', (SELECT pg_catalog.json_agg(n.name) FROM (
                                       SELECT f.name FROM public.mcp_access_hidden_field_rel r
                                       JOIN public.ir_model_fields f ON f.id = r.field_id WHERE r.access_id = a.id
                                       UNION SELECT pg_catalog.string_to_table(a.lost_hidden, E'\n')) n),
                   'groups', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
                                  g.id, coalesce(g.name ->> 'en_US', g.name::text)) ORDER BY g.id)
                              FROM public.mcp_access_group_rel r
                              JOIN public.res_groups g ON g.id = r.group_id WHERE r.access_id = a.id)))
               FROM public.mcp_access a WHERE a.active),
    'scope', (SELECT pg_catalog.json_build_object(
                  'name', s.name,
                  'active', coalesce(s.active, false),
                  -- microseconds since 1970
                  'expires', (pg_catalog.date_part('epoch', s.expires) * 1000000)::bigint,
                  'read_only', coalesce(s.read_only, false), 'all_models', coalesce(s.all_models, false),
                  'companies', (SELECT pg_catalog.json_agg(r.company_id)
                                FROM public.mcp_key_scope_company_rel r WHERE r.scope_id = s.id),
                  'tools', (SELECT pg_catalog.json_agg(t.method) FROM public.mcp_key_scope_tool_rel r
                            JOIN public.mcp_tool t ON t.id = r.tool_id WHERE r.scope_id = s.id),
                  'lines', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                                'model', l.model, 'read', l.perm_read, 'write', l.perm_write, 'create', l.perm_create,
                                'unlink', l.perm_unlink, 'call', l.perm_call,
                                'allowed_methods', l.allowed_methods, 'blocked_methods', l.blocked_methods,
                                'domain', CASE WHEN pg_catalog.btrim(coalesce(l.domain, '')) NOT IN ('', '[]')
                                               THEN coalesce(l.domain_json, '[[0, "=", 1]]') END,
                                'allowed_fields', (SELECT pg_catalog.json_agg(n.name) FROM (
                                                    SELECT f.name FROM public.mcp_key_scope_line_allowed_field_rel r
                                                    JOIN public.ir_model_fields f ON f.id = r.field_id WHERE r.line_id = l.id
                                                    UNION SELECT pg_catalog.string_to_table(l.lost_allowed, E'\n')) n),
                                'hidden_fields', (SELECT pg_catalog.json_agg(n.name) FROM (
                                                    SELECT f.name FROM public.mcp_key_scope_line_hidden_field_rel r
                                                    JOIN public.ir_model_fields f ON f.id = r.field_id WHERE r.line_id = l.id
                                                    UNION SELECT pg_catalog.string_to_table(l.lost_hidden, E'\n')) n)))
                            FROM public.mcp_key_scope_line l WHERE l.scope_id = s.id))
              FROM public.mcp_key_scope s WHERE s.api_key_id = $1::int))::text

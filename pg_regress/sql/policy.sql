-- The policy in the core: its effect on domains, fields, values and orders under access records and key scopes. Each
-- restriction is rolled back at the end of its transaction.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();

-- An access record, or a line of a scope, with fields by name.
CREATE FUNCTION test.access(model text, members jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
INSERT INTO public.mcp_access (model, perm_read, perm_write, perm_create, perm_unlink, perm_call, allowed_methods,
                               blocked_methods, domain, domain_json)
VALUES (model, NOT coalesce(members -> 'off' ? 'read', false), NOT coalesce(members -> 'off' ? 'write', false),
        NOT coalesce(members -> 'off' ? 'create', false), NOT coalesce(members -> 'off' ? 'unlink', false),
        NOT coalesce(members -> 'off' ? 'call', false), members ->> 'allowed_methods', members ->> 'blocked_methods',
        members ->> 'domain', members ->> 'domain');
INSERT INTO public.mcp_access_hidden_field_rel (access_id, field_id)
SELECT a.id, f.id FROM public.mcp_access a JOIN public.ir_model_fields f ON f.model = a.model
WHERE a.model = $1 AND $2 -> 'hidden' ? f.name;
INSERT INTO public.mcp_access_allowed_field_rel (access_id, field_id)
SELECT a.id, f.id FROM public.mcp_access a JOIN public.ir_model_fields f ON f.model = a.model
WHERE a.model = $1 AND $2 -> 'allowed' ? f.name;
$$;

-- Dependencies between fields, as the addon exports them.
INSERT INTO mcp_field_dependency (model, field, on_model, on_field, related, beyond) VALUES
    ('', 'digest', '', '', false, false),
    ('res.partner', 'contact_address', 'res.partner', 'phone', false, false),
    ('res.partner', '@names', 'res.partner', 'email', false, false),
    ('sale.order', 'order_line', 'sale.order.line', 'order_id', false, true),
    ('sale.order', 'amount_total', 'sale.order.line', 'price_unit', false, true);

-- Hidden fields are absent by default. A request for one is refused, and so is one for a field that depends on it.
BEGIN;
SELECT test.access('res.partner', '{"hidden": ["phone"]}');
SELECT test.tool('read', '{"model": "res.partner", "ids": [1]}');
SELECT test.tool('read', '{"model": "res.partner", "ids": [1], "fields": ["name", "phone"]}');
SELECT test.tool('read', '{"model": "res.partner", "ids": [1], "fields": ["contact_address"]}');
SELECT test.tool('read', '{"model": "res.partner", "ids": [1], "fields": ["phon"]}');
SELECT test.tool('count', '{"model": "res.partner", "domain": "[[\"phone\", \"=\", \"1\"]]"}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[\"!\", [\"partner_id.phone\", \"=\", \"1\"]]"}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"partner_id\", \"not any\", [[\"phone\", \"=\", \"1\"]]]]"}');
SELECT test.tool('search', '{"model": "res.partner", "order": "phone desc", "fields": ["name"]}');
SELECT test.tool('write', '{"model": "res.partner", "ids": [1], "values": "{\"phone\": \"1\"}"}');
SELECT test.tool('write', '{"model": "sale.order", "ids": [1], "values": "{\"tag_ids\": [[1, 2, {\"phone\": \"1\"}]]}"}');
SELECT test.tool('default_get', '{"model": "res.partner", "fields": ["phone"]}');
SELECT test.tool('method_call', '{"model": "res.partner", "method": "open_it", "ids": [1]}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"partner_id\", \"ilike\", \"x\"]]"}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"partner_id\", \"in\", [1, 2]]]"}');
SELECT mcp_check_access(2, 'res.partner', 'read', '{name,phone}');
SELECT mcp_check_access(2, 'res.partner', 'read', '{contact_address}') ->> 'layer';
ROLLBACK;

-- A search by name may find a record through a hidden field.
BEGIN;
SELECT test.access('res.partner', '{"hidden": ["email"]}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"partner_id\", \"ilike\", \"x\"]]"}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"partner_id\", \"child_of\", \"x\"]]"}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"partner_id\", \"child_of\", 5]]"}');
ROLLBACK;

-- A list of the only visible fields.
BEGIN;
SELECT test.access('res.partner', '{"allowed": ["name", "email", "contact_address"]}');
SELECT test.tool('read', '{"model": "res.partner", "ids": [1]}');
SELECT test.tool('read', '{"model": "res.partner", "ids": [1], "fields": ["phone"]}');
-- A listed field is visible, whatever it depends on.
SELECT test.tool('read', '{"model": "res.partner", "ids": [1], "fields": ["contact_address"]}');
SELECT test.tool('search', '{"model": "res.partner", "fields": ["name"]}');
ROLLBACK;

-- When the dependencies are unknown, only plain fields are visible.
BEGIN;
DELETE FROM mcp_field_dependency;
SELECT test.access('res.partner', '{"hidden": ["phone"]}');
SELECT test.tool('read', '{"model": "res.partner", "ids": [1], "fields": ["name", "email"]}');
SELECT test.tool('read', '{"model": "res.partner", "ids": [1], "fields": ["contact_address"]}');
ROLLBACK;

-- Records: the domain applies everywhere.
BEGIN;
SELECT test.access('res.partner', '{"domain": "[\"|\", [\"id\", \"=\", {\"var\": \"uid\"}], [\"color\", \"in\", {\"var\": \"company_ids\"}]]"}');
SELECT test.tool('search', '{"model": "res.partner", "domain": "[\"|\", [\"name\", \"=\", \"a\"], [\"name\", \"=\", \"b\"]]", "fields": ["name"]}');
SELECT test.tool('count', '{"model": "res.partner"}');
SELECT test.tool('read', '{"model": "res.partner", "ids": [1], "fields": ["name"]}');
SELECT test.tool('unlink', '{"model": "res.partner", "ids": [1]}');
SELECT test.tool('create', '{"model": "res.partner", "values": "{\"name\": \"x\"}"}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"partner_id.name\", \"=\", \"a\"]]"}');
SELECT test.tool('count', '{"model": "sale.order.line", "domain": "[[\"order_id.partner_id.name\", \"=\", \"a\"]]"}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"partner_id\", \"not any\", [[\"name\", \"=\", \"a\"]]]]"}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"tag_ids\", \"=\", false]]"}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"tag_ids\", \"not in\", [3]]]"}');
SELECT test.tool('search', '{"model": "sale.order", "fields": ["partner_id", "tag_ids"]}');
SELECT test.tool('search', '{"model": "sale.order", "fields": ["name"], "order": "partner_id"}');
SELECT test.tool('write', '{"model": "sale.order", "ids": [1], "values": "{\"partner_id\": 5, \"tag_ids\": [[4, 7]]}"}');
SELECT test.tool('write', '{"model": "sale.order", "ids": [1], "values": "{\"tag_ids\": [[6, 0, [7]]]}"}');
-- Before Odoo 17, a path cannot exclude records.
UPDATE ir_module_module SET latest_version = '16.0.1.3' WHERE name = 'base';
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"partner_id.name\", \"=\", \"a\"]]"}');
SELECT test.tool('count', '{"model": "res.partner"}');
ROLLBACK;
-- A domain that could not be parsed when it was saved selects nothing.
BEGIN;
SELECT test.access('res.partner');
UPDATE mcp_access SET domain = '[("id", "=", uid)', domain_json = NULL;
SELECT test.tool('count', '{"model": "res.partner"}');
ROLLBACK;

-- Fields of an uninstalled app stay restricted by name until the rules list them again: none becomes visible, and an
-- empty list does not mean all.
BEGIN;
SELECT test.access('res.partner');
UPDATE mcp_access SET lost_hidden = E'gone\nphone';
SELECT mcp_check_access(2, 'res.partner', 'read', '{name}') ->> 'layer', mcp_check_access(2, 'res.partner', 'read', '{phone}') ->> 'layer';
UPDATE mcp_access SET lost_hidden = NULL, lost_allowed = 'gone';
SELECT mcp_check_access(2, 'res.partner', 'read', '{id}') ->> 'layer', mcp_check_access(2, 'res.partner', 'read', '{name}') ->> 'layer';
DELETE FROM mcp_access;
DELETE FROM mcp_key_scope WHERE api_key_id = 10;
INSERT INTO mcp_key_scope (id, name, api_key_id, user_id, all_models) VALUES (1, 'agent', 10, 9, true);
INSERT INTO mcp_key_scope_line (scope_id, model, lost_hidden) VALUES (1, 'res.partner', 'phone');
SELECT mcp_check_access(9, 'res.partner', 'read', '{name}', 10) ->> 'layer', mcp_check_access(9, 'res.partner', 'read', '{phone}', 10) ->> 'layer';
ROLLBACK;

-- Operations, groups, closed models.
BEGIN;
SELECT test.access('res.partner', '{"off": ["read", "call"]}');
SELECT test.tool('search', '{"model": "res.partner"}');
SELECT test.tool('method_call', '{"model": "res.partner", "method": "open_it"}');
SELECT test.tool('count', '{"model": "sale.order", "domain": "[[\"partner_id.name\", \"=\", \"a\"]]"}');
SELECT test.tool('write', '{"model": "res.partner", "ids": [1], "values": "{\"name\": \"1\"}"}');
UPDATE mcp_access SET perm_read = true;
INSERT INTO mcp_access_group_rel SELECT id, 6 FROM mcp_access;
SELECT test.tool('search', '{"model": "res.partner"}');
SELECT test.tool('search', '{"model": "res.partner", "fields": ["name"]}', key => 10);
ROLLBACK;
SELECT test.tool('read', '{"model": "res.users", "ids": [2], "fields": ["password"]}');
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.default_access', 'none');
SELECT test.tool('search', '{"model": "res.partner"}');
SELECT test.access('res.partner');
SELECT test.tool('search', '{"model": "res.partner", "fields": ["name"]}');
SELECT test.tool('list_models');
ROLLBACK;

-- Scopes: lines, companies, tools, read-only, not in force; and keys without a scope.
BEGIN;
DELETE FROM mcp_key_scope WHERE api_key_id = 10;
INSERT INTO mcp_key_scope (id, name, api_key_id, user_id, all_models, read_only) VALUES (1, 'agent', 10, 9, false, false);
INSERT INTO mcp_key_scope_line (scope_id, model, perm_write) VALUES (1, 'sale.order', false);
SELECT test.tool('search', '{"model": "res.partner"}', 10);
SELECT test.tool('search', '{"model": "sale.order", "fields": ["partner_id"]}', 10);
SELECT test.tool('write', '{"model": "sale.order", "ids": [1], "values": "{\"name\": \"1\"}"}', 10);
SELECT test.tool('list_models', '{}', 10);
-- A key of another user is not affected.
SELECT test.tool('search', '{"model": "res.partner", "fields": ["name"]}');
INSERT INTO mcp_key_scope_tool_rel SELECT 1, id FROM mcp_tool WHERE name IN ('search', 'write');
SELECT test.tool('read', '{"model": "sale.order", "ids": [1]}', 10);
SELECT count(test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}', '{"mcp-protocol-version": "2025-11-25"}', 10, 77));
SELECT jsonb_path_query_array((answer #>> '{reply,body}')::jsonb, '$.result.tools[*].name') FROM test.answer WHERE number = 77;
UPDATE mcp_key_scope SET read_only = true;
SELECT test.tool('write', '{"model": "sale.order", "ids": [1], "values": "{}"}', 10);
SELECT mcp_check_access(9, 'sale.order', 'unlink', '{}', 10);
INSERT INTO mcp_key_scope_company_rel VALUES (1, 2);
SELECT test.tool('search', '{"model": "sale.order"}', 10);
DELETE FROM mcp_key_scope_company_rel;
ROLLBACK;
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.read_only', 'True');
SELECT test.tool('write', '{"model": "res.partner", "ids": [1], "values": "{}"}');
SELECT mcp_check_access(2, 'res.partner', 'write') ->> 'layer', mcp_check_access(2, 'res.partner', 'read') ->> 'layer';
ROLLBACK;
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.unscoped_keys', 'none');
SELECT test.tool('search', '{"model": "res.partner"}');
-- A caller without a key is not a key without scope.
SELECT mcp_dispatch_tool(2, 'count', '{"model": "res.partner"}') ? 'step';
ROLLBACK;
DELETE FROM mcp_field_dependency;
SELECT test.clear();
DROP FUNCTION test.access;

-- The fixture: the columns of Odoo 19's tables that the core reads, with Odoo's types; the addon's own schema; the
-- extension, created by the database's owner; and the helpers for the other files.
\set VERBOSITY terse
SET client_min_messages = warning;

-- The tests run as the owner of the database, who is not a superuser.
SELECT pg_get_userbyid(datdba) = current_user AS owner, rolsuper AS superuser
FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user;

-- Odoo's tables.
CREATE TABLE ir_config_parameter (
    id serial PRIMARY KEY, create_uid integer, write_uid integer, key varchar NOT NULL UNIQUE, value text NOT NULL,
    create_date timestamp, write_date timestamp);
CREATE TABLE ir_module_module (
    id serial PRIMARY KEY, name varchar NOT NULL UNIQUE, state varchar(16), latest_version varchar, shortdesc jsonb);
CREATE TABLE ir_model (
    id serial PRIMARY KEY, model varchar NOT NULL UNIQUE, "order" varchar NOT NULL DEFAULT 'id', state varchar,
    name jsonb NOT NULL, info text, transient boolean);
CREATE TABLE ir_model_fields_selection (
    id serial PRIMARY KEY, field_id integer NOT NULL, value varchar NOT NULL, name jsonb, sequence integer);
CREATE TABLE ir_model_fields (
    id serial PRIMARY KEY, model_id integer NOT NULL REFERENCES ir_model, name varchar NOT NULL, model varchar NOT NULL,
    relation varchar, ttype varchar NOT NULL, field_description jsonb NOT NULL, required boolean, readonly boolean,
    selectable boolean, store boolean, UNIQUE (model, name));
CREATE TABLE ir_model_data (
    id serial PRIMARY KEY, res_id integer, noupdate boolean, name varchar NOT NULL, module varchar NOT NULL,
    model varchar NOT NULL, UNIQUE (module, name));
CREATE TABLE res_groups (id serial PRIMARY KEY, name jsonb NOT NULL, share boolean);
CREATE TABLE res_groups_implied_rel (gid integer NOT NULL, hid integer NOT NULL, PRIMARY KEY (gid, hid));
CREATE TABLE ir_act_window (id serial PRIMARY KEY, name jsonb NOT NULL, res_model varchar NOT NULL);
CREATE TABLE ir_model_access (
    id serial PRIMARY KEY, model_id integer NOT NULL REFERENCES ir_model, group_id integer REFERENCES res_groups,
    name varchar NOT NULL, active boolean, perm_read boolean, perm_write boolean, perm_create boolean,
    perm_unlink boolean);
CREATE TABLE ir_rule (
    id serial PRIMARY KEY, model_id integer NOT NULL REFERENCES ir_model, name varchar, domain_force text,
    active boolean, perm_read boolean, perm_write boolean, perm_create boolean, perm_unlink boolean, global boolean);
CREATE TABLE rule_group_rel (
    rule_group_id integer NOT NULL, group_id integer NOT NULL, PRIMARY KEY (rule_group_id, group_id));
CREATE TABLE res_lang (id serial PRIMARY KEY, name varchar NOT NULL, code varchar NOT NULL UNIQUE, active boolean);
CREATE TABLE res_partner (
    id serial PRIMARY KEY, name varchar, email varchar, phone varchar, lang varchar, tz varchar, comment text,
    color integer, parent_id integer, active boolean, is_company boolean, date date, create_date timestamp);
CREATE TABLE res_currency (id serial PRIMARY KEY, name varchar NOT NULL, active boolean);
CREATE TABLE res_company (
    id serial PRIMARY KEY, name varchar NOT NULL, currency_id integer REFERENCES res_currency, active boolean);
CREATE TABLE res_users (
    id serial PRIMARY KEY, company_id integer NOT NULL, partner_id integer NOT NULL, active boolean,
    create_date timestamp, login varchar NOT NULL UNIQUE, password varchar, totp_secret varchar, share boolean);
CREATE TABLE res_groups_users_rel (gid integer NOT NULL, uid integer NOT NULL, PRIMARY KEY (gid, uid));
CREATE TABLE res_company_users_rel (cid integer NOT NULL, user_id integer NOT NULL, PRIMARY KEY (cid, user_id));
CREATE TABLE res_users_apikeys (
    id serial PRIMARY KEY, name varchar NOT NULL, user_id integer NOT NULL REFERENCES res_users ON DELETE CASCADE,
    scope varchar, expiration_date timestamp, index varchar(8), key varchar,
    create_date timestamp DEFAULT timezone('utc', now()), CHECK (char_length(index) = 8));
CREATE INDEX ON res_users_apikeys (user_id, index);
CREATE TABLE sale_order (
    id serial PRIMARY KEY, name varchar NOT NULL, state varchar, partner_id integer, date_order timestamp,
    validity_date date, amount_total numeric, note text);
CREATE TABLE sale_order_line (id serial PRIMARY KEY, order_id integer, name text, price_unit numeric);
CREATE TABLE sale_wizard (id serial PRIMARY KEY);
CREATE TABLE hr_secret (id serial PRIMARY KEY);

-- The addon's table of tools, as the ORM creates it, and the addon's own schema. The latter runs at every update, so it
-- runs twice here.
CREATE TABLE mcp_tool (
    id serial PRIMARY KEY, sequence integer, server_action_id integer, create_uid integer, write_uid integer,
    name varchar NOT NULL, title varchar, category varchar NOT NULL, method varchar NOT NULL, description text NOT NULL,
    parameters text NOT NULL, output_schema text, active boolean, read_only_hint boolean, destructive_hint boolean,
    idempotent_hint boolean, open_world_hint boolean, commits boolean, create_date timestamp, write_date timestamp);
CREATE UNIQUE INDEX mcp_tool_name_uniq ON mcp_tool (name);
CREATE TABLE mcp_tool_group_rel (tool_id integer NOT NULL, group_id integer NOT NULL, PRIMARY KEY (tool_id, group_id));
CREATE TABLE mcp_resource (
    id serial PRIMARY KEY, sequence integer, most_kb integer, size integer, res_id integer, create_uid integer,
    write_uid integer, name varchar NOT NULL, title varchar, uri varchar NOT NULL, kind varchar NOT NULL, mime_type varchar,
    audience varchar, data_name varchar, method varchar, res_model varchar, res_field varchar, description text, text text,
    is_template boolean, active boolean, priority numeric, data bytea, create_date timestamp, write_date timestamp);
CREATE UNIQUE INDEX mcp_resource_uri_uniq ON mcp_resource (uri);
CREATE TABLE mcp_resource_group_rel (
    resource_id integer NOT NULL, group_id integer NOT NULL, PRIMARY KEY (resource_id, group_id));
CREATE TABLE mcp_dry_run_method (id serial PRIMARY KEY, model varchar, method varchar, note varchar, active boolean);
INSERT INTO mcp_dry_run_method (model, method, active) VALUES ('res.partner', 'action_greet', true), ('res.partner', 'action_old', false);
-- Restrictions: access records of models, and scopes of keys.
CREATE TABLE mcp_access (
    id serial PRIMARY KEY, model_id integer, model varchar UNIQUE, active boolean DEFAULT true, perm_read boolean DEFAULT true,
    perm_write boolean DEFAULT true, perm_create boolean DEFAULT true, perm_unlink boolean DEFAULT true,
    perm_call boolean DEFAULT true, allowed_methods text, blocked_methods text, domain text, domain_json text, note text,
    confirm_write boolean, confirm_create boolean, confirm_unlink boolean, confirm_call boolean, free_methods text,
    lost_allowed text, lost_hidden text);
CREATE TABLE mcp_access_allowed_field_rel (access_id integer, field_id integer, PRIMARY KEY (access_id, field_id));
CREATE TABLE mcp_access_hidden_field_rel (access_id integer, field_id integer, PRIMARY KEY (access_id, field_id));
CREATE TABLE mcp_access_group_rel (access_id integer, group_id integer, PRIMARY KEY (access_id, group_id));
CREATE TABLE mcp_key_scope (
    id serial PRIMARY KEY, name varchar, api_key_id integer UNIQUE, user_id integer, active boolean DEFAULT true,
    read_only boolean, expires timestamp, networks text, rate_per_minute integer DEFAULT 0, burst integer DEFAULT 0,
    max_concurrent integer DEFAULT 0, all_models boolean);
CREATE TABLE mcp_key_scope_company_rel (scope_id integer, company_id integer, PRIMARY KEY (scope_id, company_id));
CREATE TABLE mcp_key_scope_tool_rel (scope_id integer, tool_id integer, PRIMARY KEY (scope_id, tool_id));
CREATE TABLE mcp_key_scope_line (
    id serial PRIMARY KEY, scope_id integer, model_id integer, model varchar, perm_read boolean DEFAULT true,
    perm_write boolean DEFAULT true, perm_create boolean DEFAULT true, perm_unlink boolean DEFAULT true,
    perm_call boolean DEFAULT true, allowed_methods text, blocked_methods text, domain text, domain_json text,
    lost_allowed text, lost_hidden text, UNIQUE (scope_id, model));
CREATE TABLE mcp_key_scope_line_allowed_field_rel (line_id integer, field_id integer, PRIMARY KEY (line_id, field_id));
CREATE TABLE mcp_key_scope_line_hidden_field_rel (line_id integer, field_id integer, PRIMARY KEY (line_id, field_id));
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema_file :abs_srcdir '/../odoo_addon/odoo_mcp/schema.sql'
\set ECHO none
\i :schema_file
\i :schema_file
\set schema_file :abs_srcdir '/../odoo_addon/odoo_mcp/catalogue.sql'
\i :schema_file
\i :schema_file
\set ECHO all
SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name LIKE 'mcp%' ORDER BY 1;

CREATE EXTENSION odoo_mcp;

-- Settings and modules. Odoo 19 with the addon installed.
INSERT INTO ir_config_parameter (key, value) VALUES
    ('web.base.url', 'https://odoo.example.com'),
    ('database.secret', 'not for anybody'),
    ('database.uuid', '6d1f0d5e-3a4b-11f1-9c6a-0242ac120002'),
    ('odoo_mcp.allowed_origins', 'https://chat.example:8443, https://other.example'),
    -- the other files send more requests than the limits allow; limits.sql tests the limits
    ('odoo_mcp.rate_per_minute', '0'), ('odoo_mcp.lockout_failures', '0'), ('odoo_mcp.max_concurrent', '0');
INSERT INTO ir_module_module (name, state, latest_version) VALUES
    ('base', 'installed', '19.0.1.3'), ('odoo_mcp', 'installed', '19.0.1.0.0'), ('sale', 'installed', '19.0.1.2');
INSERT INTO res_lang (name, code, active) VALUES
    ('English', 'en_US', true), ('French', 'fr_FR', true), ('German', 'de_DE', false);

-- Groups: a sales manager is a sales user, who is an internal user and an MCP user.
INSERT INTO res_groups (id, name) VALUES
    (1, '{"en_US": "Role / User"}'), (2, '{"en_US": "Settings", "fr_FR": "Configuration"}'),
    (3, '{"en_US": "MCP User"}'), (4, '{"en_US": "MCP Administrator"}'), (5, '{"en_US": "Sales User"}'),
    (6, '{"en_US": "Sales Manager"}'), (7, '{"en_US": "Portal"}');
INSERT INTO res_groups_implied_rel (gid, hid) VALUES (4, 3), (6, 5), (5, 1), (5, 3);
INSERT INTO ir_model_data (module, name, model, res_id) VALUES
    ('odoo_mcp', 'group_mcp_user', 'res.groups', 3), ('odoo_mcp', 'group_mcp_administrator', 'res.groups', 4),
    ('base', 'group_mcp_user', 'res.groups', 7), ('odoo_mcp', 'tool_search', 'mcp.tool', 7);

-- Companies and users.
INSERT INTO res_currency (id, name, active) VALUES (1, 'EUR', true), (2, 'USD', true);
INSERT INTO res_company (id, name, currency_id, active) VALUES (1, 'One', 1, true), (2, 'Two', 2, true), (3, 'Closed', 1, false);
INSERT INTO res_partner (id, name, lang, tz, active) VALUES
    (1, 'One', NULL, NULL, true), (2, 'System', 'en_US', NULL, false), (3, 'Admin', 'fr_FR', 'Europe/Brussels', true),
    (6, 'Demo', 'de_DE', 'America/New_York', true), (7, 'Portal', NULL, NULL, true), (8, 'Gone', NULL, NULL, true),
    (9, 'Seller', 'en_US', 'Nowhere/Land', true);
INSERT INTO res_users (id, company_id, partner_id, active, login, password) VALUES
    (1, 1, 2, false, '__system__', NULL), (2, 2, 3, true, 'admin', '$pbkdf2$admin'), (6, 1, 6, true, 'demo', '$pbkdf2$demo'),
    (7, 1, 7, true, 'portal', '$pbkdf2$portal'), (8, 1, 8, false, 'gone', '$pbkdf2$gone'), (9, 1, 9, true, 'seller', '$pbkdf2$seller');
INSERT INTO res_company_users_rel (cid, user_id) VALUES (1, 2), (2, 2), (3, 2), (1, 6), (1, 7), (1, 9), (1, 1);
INSERT INTO res_groups_users_rel (gid, uid) VALUES (1, 2), (2, 2), (4, 2), (1, 6), (3, 6), (7, 7), (3, 8), (6, 9);
-- Keys are found by their first eight characters. The column `key` contains the hash.
INSERT INTO res_users_apikeys (id, name, user_id, scope, expiration_date, index, key) VALUES
    (1, 'laptop', 2, 'rpc', NULL, 'aaaaaaaa', '$hash$1'),
    (2, 'assistant', 6, 'mcp', '2999-01-01', 'bbbbbbbb', '$hash$2'),
    (3, 'anything', 6, NULL, NULL, 'cccccccc', '$hash$3'),
    (4, 'expired', 6, 'mcp', '2020-01-01', 'dddddddd', '$hash$4'),
    (5, 'mail plugin', 6, 'odoo.plugin.outlook', NULL, 'eeeeeeee', '$hash$5'),
    (6, 'portal', 7, 'mcp', NULL, 'ffffffff', '$hash$6'),
    (7, 'of a former user', 8, 'mcp', NULL, '11111111', '$hash$7'),
    (8, 'twin of admin', 2, 'mcp', NULL, '22222222', '$hash$8'),
    (9, 'twin of demo', 6, 'mcp', NULL, '22222222', '$hash$9'),
    (10, 'seller', 9, 'mcp', NULL, '33333333', '$hash$10');
-- Keys for MCP are created with a scope.
INSERT INTO mcp_key_scope (id, name, api_key_id, user_id, all_models)
SELECT 1000 + k.id, k.name, k.id, k.user_id, true FROM res_users_apikeys k WHERE k.scope = 'mcp';

-- Models, fields and access rights.
INSERT INTO ir_model (id, model, name, transient) VALUES
    (1, 'res.partner', '{"en_US": "Contact", "fr_FR": "Carnet d''adresses"}', false),
    (2, 'sale.order', '{"en_US": "Sales Order", "fr_FR": "Bon de commande"}', false),
    (3, 'sale.order.line', '{"en_US": "Sales Order Line"}', false),
    (4, 'res.company', '{"en_US": "Companies"}', false), (5, 'hr.secret', '{"en_US": "Salaries"}', false),
    (6, 'sale.wizard', '{"en_US": "Wizard"}', true), (7, 'mail.thread', '{"en_US": "Email Thread"}', false),
    (8, 'res.users', '{"en_US": "User"}', false);
INSERT INTO ir_model_fields (model_id, model, name, ttype, relation, field_description, required, readonly, selectable, store)
SELECT m.id, m.model, f.name, f.ttype, nullif(f.relation, ''), jsonb_build_object('en_US', f.label), f.required, f.readonly,
       f.selectable, f.store
FROM (VALUES
    ('res.partner', 'id', 'integer', '', 'ID', false, true, true, true),
    ('res.partner', 'name', 'char', '', 'Name', false, false, true, true),
    ('res.partner', 'display_name', 'char', '', 'Display Name', false, true, true, false),
    ('res.partner', 'email', 'char', '', 'Email', false, false, true, true),
    ('res.partner', 'phone', 'char', '', 'Phone', false, false, true, true),
    ('res.partner', 'comment', 'html', '', 'Notes', false, false, true, true),
    ('res.partner', 'color', 'integer', '', 'Color', false, false, true, true),
    ('res.partner', 'active', 'boolean', '', 'Active', false, false, true, true),
    ('res.partner', 'is_company', 'boolean', '', 'Is a Company', false, false, true, true),
    ('res.partner', 'date', 'date', '', 'Date', false, false, true, true),
    ('res.partner', 'tz', 'selection', '', 'Timezone', false, false, true, true),
    ('res.partner', 'parent_id', 'many2one', 'res.partner', 'Related Company', false, false, true, true),
    ('res.partner', 'child_ids', 'one2many', 'res.partner', 'Contacts', false, false, true, true),
    ('res.partner', 'image_1920', 'binary', '', 'Image', false, false, true, true),
    ('res.partner', 'signup_token', 'char', '', 'Signup Token', false, false, true, true),
    ('res.partner', 'contact_address', 'char', '', 'Complete Address', false, true, false, false),
    ('res.partner', 'create_date', 'datetime', '', 'Created on', false, true, true, true),
    ('sale.order', 'id', 'integer', '', 'ID', false, true, true, true),
    ('sale.order', 'name', 'char', '', 'Order Reference', true, false, true, true),
    ('sale.order', 'state', 'selection', '', 'Status', false, true, true, true),
    ('sale.order', 'partner_id', 'many2one', 'res.partner', 'Customer', true, false, true, true),
    ('sale.order', 'date_order', 'datetime', '', 'Order Date', true, false, true, true),
    ('sale.order', 'validity_date', 'date', '', 'Expiration', false, false, true, true),
    ('sale.order', 'amount_total', 'monetary', '', 'Total', false, true, true, true),
    ('sale.order', 'note', 'html', '', 'Terms', false, false, true, true),
    ('sale.order', 'order_line', 'one2many', 'sale.order.line', 'Order Lines', false, false, true, true),
    ('sale.order', 'tag_ids', 'many2many', 'res.partner', 'Tags', false, false, true, true),
    ('sale.order.line', 'id', 'integer', '', 'ID', false, true, true, true),
    ('sale.order.line', 'order_id', 'many2one', 'sale.order', 'Order', true, false, true, true),
    ('sale.order.line', 'name', 'text', '', 'Description', true, false, true, true),
    ('sale.order.line', 'price_unit', 'float', '', 'Unit Price', true, false, true, true),
    ('res.company', 'id', 'integer', '', 'ID', false, true, true, true),
    ('res.company', 'name', 'char', '', 'Company Name', true, false, true, true),
    ('res.users', 'id', 'integer', '', 'ID', false, true, true, true),
    ('res.users', 'login', 'char', '', 'Login', true, false, true, true),
    ('res.users', 'password', 'char', '', 'Password', false, false, true, true),
    ('hr.secret', 'id', 'integer', '', 'ID', false, true, true, true)
) AS f (model, name, ttype, relation, label, required, readonly, selectable, store)
JOIN ir_model m ON m.model = f.model;
INSERT INTO ir_act_window (name, res_model) VALUES ('{"en_US": "Quotations", "fr_BE": "Devis"}', 'sale.order'), ('{"en_US": "Customers", "fr_FR": "Clients", "fr_BE": "Clients"}', 'res.partner');
INSERT INTO ir_model_access (name, model_id, group_id, active, perm_read, perm_write, perm_create, perm_unlink) VALUES
    ('partner user', 1, 1, true, true, false, false, false),
    ('partner sales', 1, 5, true, true, true, true, false),
    ('partner settings', 1, 2, true, true, true, true, true),
    ('order sales', 2, 5, true, true, true, true, true),
    ('order of old', 2, 1, false, true, true, true, true),
    ('line sales', 3, 5, true, true, true, true, true),
    ('company everybody', 4, NULL, true, true, false, false, false),
    ('wizard sales', 6, 5, true, true, true, true, true),
    ('thread everybody', 7, NULL, true, true, true, true, true),
    ('users user', 8, 1, true, true, false, false, false);
INSERT INTO ir_rule (id, name, model_id, domain_force, active, perm_read, perm_write, perm_create, perm_unlink, global) VALUES
    (1, 'Contacts of my companies', 1, '[]', true, true, true, true, true, true),
    (2, 'Own orders', 2, '[]', true, true, true, true, true, false),
    (3, 'All orders', 2, '[]', true, true, true, true, true, false),
    (4, 'Orders of Settings', 2, '[]', true, true, true, true, true, false),
    (5, 'Switched off', 2, '[]', false, true, true, true, true, true),
    (6, 'Only drafts are deleted', 2, '[]', true, false, false, false, true, true);
INSERT INTO rule_group_rel (rule_group_id, group_id) VALUES (2, 5), (3, 6), (4, 2);

-- Tools: short versions of the built-in ones, and unusual ones.
INSERT INTO mcp_tool (id, sequence, name, title, category, method, description, parameters, output_schema, active,
                      read_only_hint, destructive_hint, idempotent_hint, server_action_id, commits)
SELECT t.id, t.id * 10, t.name, initcap(t.name), 'records', t.method, 'Do ' || t.name || '.', t.parameters,
       CASE t.name WHEN 'count' THEN '{"type": "object", "properties": {"count": {"type": "integer"}}}' END, t.name <> 'archived',
       t.read, NOT t.read, t.read, CASE t.name WHEN 'run_action' THEN 77 END, CASE t.name WHEN 'committer' THEN true END
FROM (VALUES
    (1, 'search', '_tool_search', true, '{"type": "object", "properties": {"model": {"type": "string"}, "domain": {"type": "string"}, "fields": {"type": "array", "items": {"type": "string"}}, "order": {"type": "string"}, "limit": {"type": "integer", "minimum": 1}, "offset": {"type": "integer", "minimum": 0}, "cursor": {"type": "string"}, "html": {"type": "string"}}, "required": ["model"], "additionalProperties": false}'),
    (2, 'read', '_tool_read', true, '{"type": "object", "properties": {"model": {"type": "string"}, "ids": {"type": "array", "items": {"type": "integer"}, "minItems": 1}, "fields": {"type": "array", "items": {"type": "string"}}, "html": {"type": "string"}, "whole": {"type": "boolean"}}, "required": ["model", "ids"], "additionalProperties": false}'),
    (3, 'count', '_tool_count', true, '{"type": "object", "properties": {"model": {"type": "string"}, "domain": {"type": "string"}}, "required": ["model"], "additionalProperties": false}'),
    (4, 'create', '_tool_create', false, '{"type": "object", "properties": {"model": {"type": "string"}, "values": {"type": "string", "description": "JSON object of field values"}}, "required": ["model", "values"], "additionalProperties": false}'),
    (5, 'write', '_tool_write', false, '{"type": "object", "properties": {"model": {"type": "string"}, "ids": {"type": "array", "items": {"type": "integer"}, "minItems": 1}, "values": {"type": "string"}}, "required": ["model", "ids", "values"], "additionalProperties": false}'),
    (6, 'unlink', '_tool_unlink', false, '{"type": "object", "properties": {"model": {"type": "string"}, "ids": {"type": "array", "items": {"type": "integer"}, "minItems": 1}}, "required": ["model", "ids"], "additionalProperties": false}'),
    (7, 'default_get', '_tool_default_get', true, '{"type": "object", "properties": {"model": {"type": "string"}, "fields": {"type": "array", "items": {"type": "string"}}}, "required": ["model"], "additionalProperties": false}'),
    (8, 'method_call', '_tool_method_call', false, '{"type": "object", "properties": {"model": {"type": "string"}, "method": {"type": "string"}, "ids": {"type": "array", "items": {"type": "integer"}}, "args": {"type": "string"}, "kwargs": {"type": "string"}}, "required": ["model", "method"], "additionalProperties": false}'),
    (9, 'describe_model', '_tool_describe_model', true, '{"type": "object", "properties": {"model": {"type": "string"}, "fields": {"type": "array", "items": {"type": "string"}}, "detail": {"type": "string"}}, "required": ["model"], "additionalProperties": false}'),
    (10, 'list_models', '_tool_list_models', true, '{"type": "object", "properties": {"search": {"type": "string"}, "limit": {"type": "integer", "minimum": 1}, "offset": {"type": "integer", "minimum": 0}}, "additionalProperties": false}'),
    (11, 'list_modules', '_tool_list_modules', true, '{"type": "object", "properties": {"search": {"type": "string"}, "state": {"type": "string", "enum": ["installed", "uninstalled", "all"]}, "limit": {"type": "integer", "minimum": 1}, "offset": {"type": "integer", "minimum": 0}}, "additionalProperties": false}'),
    (12, 'list_companies', '_tool_list_companies', true, '{"type": "object", "properties": {}, "additionalProperties": false}'),
    (13, 'administrators_only', '_tool_other', true, '{"type": "object", "properties": {}}'),
    (14, 'sellers_only', '_tool_other', true, '{"type": "object", "properties": {"amount": {"type": "number", "maximum": 100}, "when": {"type": "string", "pattern": "^[0-9]+$"}}}'),
    (15, 'archived', '_tool_other', true, '{"type": "object"}'),
    (16, 'run_action', '_tool_server_action', false, '{"type": "object", "properties": {"note": {"type": "string"}}, "required": ["note"]}'),
    (17, 'no_tool_method', 'unlink', false, '{"type": "object"}'),
    (18, 'committer', '_tool_commits', false, '{"type": "object", "properties": {"anything": {}}}')
) AS t (id, name, method, read, parameters);
INSERT INTO mcp_tool_group_rel (tool_id, group_id) VALUES (13, 4), (14, 5);

-- The helpers.
CREATE SCHEMA test;
CREATE SEQUENCE test.number START 1000;
CREATE TABLE test.answer (number integer PRIMARY KEY, answer jsonb NOT NULL);

-- A fixed call id.
CREATE FUNCTION test.call_id(number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT '00000000-0000-4000-8000-' || lpad(number::text, 12, '0') $$;

-- The credential of an API key, as the addon sends it.
CREATE FUNCTION test.key(id integer) RETURNS jsonb LANGUAGE sql STABLE AS
$$ SELECT jsonb_build_object('scheme', 'bearer', 'index', k.index, 'claim', NULL) FROM public.res_users_apikeys k WHERE k.id = $1 $$;

-- A request in the addon's format. A header or member given as null is omitted.
CREATE FUNCTION test.request(
    members jsonb DEFAULT '{}', headers jsonb DEFAULT '{}', number bigint DEFAULT nextval('test.number')
) RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_strip_nulls(jsonb_build_object(
    'call_id', test.call_id(number), 'door', 'fast',
    'addon', '{"contract": 5, "version": "19.0.1.0.0", "series": "19.0"}'::jsonb, 'http_method', 'POST', 'path', '/mcp',
    'headers', '{"content-type": "application/json", "accept": "application/json, text/event-stream",
                 "user-agent": "regress/1"}'::jsonb || headers,
    'remote_addr', '192.0.2.7') || members)
$$;

-- An answer on one line. Exactly one of reply, pass, step, undo and ordinary is allowed. Omits the version, generated
-- ids and the text of the instructions.
CREATE FUNCTION test.show(answer jsonb) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(replace(CASE
    WHEN (SELECT count(*) FROM jsonb_object_keys(answer) key WHERE key IN ('reply', 'pass', 'step', 'undo', 'ordinary')) <> 1
        THEN 'NOT ONE THING: ' || answer::text
    WHEN answer ? 'reply' THEN concat_ws(' ', answer -> 'reply' ->> 'status',
        (SELECT string_agg(format('[%s: %s]', h.key, h.value), ' ' ORDER BY h.key COLLATE "C")
         FROM jsonb_each_text(answer -> 'reply' -> 'headers') h WHERE (h.key, h.value) <> ('Content-Type', 'application/json')),
        nullif(answer -> 'reply' ->> 'body', ''))
    WHEN answer ? 'undo' THEN concat_ws(' ', 'undo', answer -> 'undo')
    WHEN answer ? 'pass' THEN concat_ws(' ', 'pass', (answer -> 'pass') - '{settings,started}'::text[],
        'remember ' || (regexp_replace((answer -> 'remember')::text, '[0-9a-f]{64}', '<digest>')))
    WHEN answer ? 'step' THEN concat_ws(' ', 'step', answer -> 'step', CASE WHEN NOT answer ? 'state' THEN 'WITHOUT STATE' END)
    ELSE answer::text END,
    public.mcp_status() ->> 'library', '<version>'),
    '(?!00000000)[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', '<uuid>', 'g'),
    '"instructions":"([^"\\]|\\.)+"', '"instructions":"<instructions>"')
$$;

-- Stores an answer under its number, and shows it.
CREATE FUNCTION test.keep(number bigint, answer jsonb) RETURNS text LANGUAGE sql AS $$
INSERT INTO test.answer VALUES (number, answer) ON CONFLICT (number) DO UPDATE SET answer = excluded.answer;
SELECT test.show(answer)
$$;

-- The gate alone.
CREATE FUNCTION test.gate(
    members jsonb DEFAULT '{}', headers jsonb DEFAULT '{}', number bigint DEFAULT nextval('test.number')
) RETURNS text LANGUAGE sql AS $$ SELECT test.keep(number, public.mcp_gate(test.request(members, headers, number))) $$;

-- Continues with the step of the call with that number.
CREATE FUNCTION test.resume(number bigint, outcome jsonb) RETURNS text LANGUAGE sql AS $$
SELECT test.keep(number, public.mcp_resume((SELECT a.answer -> 'state' FROM test.answer a WHERE a.number = $1), outcome))
$$;

-- The authentication context of an API key: the gate, then the verification that the addon would do.
CREATE FUNCTION test.pass(key integer, headers jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := public.mcp_gate(test.request(jsonb_build_object('credential', test.key(key)),
        coalesce(jsonb_build_object('origin', headers -> 'origin'), '{}')));
BEGIN
    answer := public.mcp_resume(answer -> 'state', jsonb_build_object('key_id', key));
    IF NOT answer ? 'pass' THEN
        RAISE 'no pass: %', test.show(answer);
    END IF;
    RETURN answer -> 'pass';
END $$;

-- After the gate: a request of any shape.
CREATE FUNCTION test.handle(
    members jsonb, headers jsonb DEFAULT '{}', key integer DEFAULT 1, number bigint DEFAULT nextval('test.number')
) RETURNS text LANGUAGE sql AS $$
SELECT test.keep(number, public.mcp_handle(test.pass(key, headers), test.request(members, headers, number)))
$$;

-- One body.
CREATE FUNCTION test.post(
    body text, headers jsonb DEFAULT '{}', key integer DEFAULT 1, number bigint DEFAULT nextval('test.number')
) RETURNS text LANGUAGE sql AS $$ SELECT test.handle(jsonb_build_object('body', body), headers, key, number) $$;

-- One request of 2026-07-28. Null members of `meta` and `headers` are omitted.
CREATE FUNCTION test.modern(
    method text, params jsonb DEFAULT '{}', headers jsonb DEFAULT '{}', meta jsonb DEFAULT '{}', key integer DEFAULT 1,
    number bigint DEFAULT nextval('test.number')
) RETURNS text LANGUAGE sql AS $$
SELECT test.post(
    jsonb_build_object('jsonrpc', '2.0', 'id', 1, 'method', method, 'params', params || jsonb_build_object('_meta',
        jsonb_strip_nulls('{"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                            "io.modelcontextprotocol/clientCapabilities": {}}' || meta)))::text,
    jsonb_strip_nulls(jsonb_build_object('mcp-protocol-version', '2026-07-28', 'mcp-method', method,
        'mcp-name', params -> 'name') || headers), key, number)
$$;

-- A tool call of 2025-11-25. Shows the essential part of its answer: the step's method and arguments, the text of the
-- result, or the error.
CREATE FUNCTION test.tool(
    name text, arguments text DEFAULT '{}', key integer DEFAULT 1, number bigint DEFAULT nextval('test.number')
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    whole text := test.post(format('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": %s, "arguments": %s}}',
        to_json(name), arguments), '{"mcp-protocol-version": "2025-11-25"}', key, number);
BEGIN
    RETURN test.brief((SELECT a.answer FROM test.answer a WHERE a.number = $4));
END $$;
CREATE FUNCTION test.brief(answer jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    body jsonb;
BEGIN
    IF answer ? 'step' THEN
        RETURN concat_ws(' ', 'step', answer -> 'step' ->> 'method', answer -> 'step' -> 'arguments');
    END IF;
    body := answer -> 'reply' ->> 'body';
    IF body ? 'error' THEN
        RETURN concat_ws(' ', answer -> 'reply' ->> 'status', body -> 'error' ->> 'code', body -> 'error' ->> 'message');
    END IF;
    RETURN concat_ws(' ', CASE WHEN (body -> 'result' ->> 'isError')::boolean THEN 'error' ELSE 'ok' END,
        body #>> '{result,content,0,text}');
END $$;

-- Runs a call's step like Odoo, with the given result or error as outcome.
CREATE FUNCTION test.outcome(number bigint, outcome jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    whole text := test.resume(number, outcome);
BEGIN
    RETURN test.brief((SELECT a.answer FROM test.answer a WHERE a.number = $1));
END $$;

-- The audit row of a call without the parts that differ from run to run.
CREATE FUNCTION test.audit(number bigint) RETURNS text LANGUAGE sql AS $$
SELECT jsonb_strip_nulls(to_jsonb(a) - '{id,call_id,create_date,duration_ms,response_bytes,refusal,mac}'::text[]
    || jsonb_build_object('session_id', CASE WHEN session_id IS NOT NULL THEN '<session>' END))::text
FROM public.mcp_audit_log a WHERE call_id = test.call_id(number)::uuid
$$;

-- Deletes all sessions, calls, audit rows and seals, as the tables' owner with the triggers disabled.
CREATE FUNCTION test.clear() RETURNS void LANGUAGE sql AS $$
ALTER TABLE public.mcp_audit_log DISABLE TRIGGER USER;
ALTER TABLE public.mcp_audit_seal DISABLE TRIGGER USER;
TRUNCATE public.mcp_session, public.mcp_input_request, public.mcp_idempotency, public.mcp_inflight_call, public.mcp_rate_bucket, public.mcp_lockout,
         public.mcp_audit_log, public.mcp_audit_seal, test.answer;
ALTER TABLE public.mcp_audit_log ENABLE TRIGGER USER;
ALTER TABLE public.mcp_audit_seal ENABLE TRIGGER USER;
DELETE FROM public.mcp_secret WHERE name = 'audit_head';
$$;

-- Refusals are counted by the minute: wait, so that no minute ends between two of them.
CREATE FUNCTION test.early_in_the_minute() RETURNS void LANGUAGE sql AS
$$ SELECT CASE WHEN extract(second FROM clock_timestamp()) > 50 THEN pg_sleep(60.1 - extract(second FROM clock_timestamp())) END $$;

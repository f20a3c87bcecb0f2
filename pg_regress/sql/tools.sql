-- The built-in tools: the step for valid arguments, and the errors for invalid ones.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();

-- A complete step: user, context, time limit. The user's own company comes first, and an inactive one never appears.
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "count", "arguments": {"model": "res.partner"}}}', number => 1);
-- An inactive language and an unknown time zone are omitted.
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "count", "arguments": {"model": "res.partner"}}}', key => 2, number => 2);
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "count", "arguments": {"model": "res.partner"}}}', key => 10, number => 3);
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.call_seconds', '7');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "committer", "arguments": {"anything": [1, "x", null]}}}', key => 10, number => 4);
ROLLBACK;

-- The name of the tool.
SELECT test.tool('cuont');
SELECT test.tool('nothing like it');
SELECT test.tool('archived');
SELECT test.tool('administrators_only', key => 2);
SELECT test.tool('sellers_only', key => 2);
SELECT test.tool('administrators_only');
SELECT test.tool('sellers_only', '{"amount": 5}', 10);
SELECT test.tool('no_tool_method');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": null}}');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "count", "arguments": "{}"}}');

-- Arguments against the schema: missing, unknown, of another type; several errors at once.
SELECT test.tool('search');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_companies"}}', number => 5);
SELECT test.tool('search', '{"model": "res.partner", "feilds": ["name"]}');
SELECT test.tool('search', '{"model": "res.partner", "zzz": 1}');
SELECT test.tool('list_companies', '{"zzz": 1}');
SELECT test.tool('administrators_only', '{"zzz": 1}');
SELECT test.tool('search', '{"model": 5}');
SELECT test.tool('search', '{"model": "res.partner", "limit": "5"}');
SELECT test.tool('search', '{"model": "res.partner", "limit": 0, "offset": -1, "order": 5, "fields": "name", "domain": 5, "x": 1}');
SELECT test.tool('read', '{"model": "res.partner", "ids": []}');
SELECT test.tool('read', '{"model": "res.partner", "ids": "1"}');
SELECT test.tool('read', '{"model": "res.partner", "ids": ["1"]}');
SELECT test.tool('read', '{"model": null, "ids": null}');
SELECT test.tool('list_modules', '{"state": "instaled"}');
SELECT test.tool('sellers_only', '{"amount": 101, "when": "soon"}', 10);
SELECT test.tool('run_action', '{}');
-- Unambiguous variants are accepted: an id for a list of one, a list as text, null for an optional argument.
SELECT test.tool('read', '{"model": "res.partner", "ids": 7, "fields": null}');
SELECT test.tool('read', '{"model": "res.partner", "ids": "[7, 8]", "fields": "[\"name\"]"}');

-- The model.
SELECT test.tool('count', '{"model": "res.partners"}');
SELECT test.tool('count', '{"model": "sale.ordr"}', 10);
SELECT test.tool('count', '{"model": "sale.ordr"}', 2);
SELECT test.tool('count', '{"model": ""}');
SELECT test.tool('count', '{"model": "RES.PARTNER"}');

-- search. Without fields, it returns the usual ones that the user may read, without secrets, long texts and lists.
SELECT test.tool('search', '{"model": "res.partner"}');
SELECT test.tool('search', '{"model": "sale.order"}', 10);
SELECT test.tool('search', '{"model": "res.partner", "domain": [["is_company", "=", true]], "fields": ["name", "id", "name"], "order": "name DESC,  id", "limit": 2, "offset": 4}');
SELECT test.tool('search', '{"model": "res.partner", "fields": [], "order": " "}');
SELECT test.tool('search', '{"model": "res.partner", "fields": ["nam"]}');
SELECT test.tool('search', '{"model": "res.partner", "fields": ["name", "parent_id.name"]}');
SELECT test.tool('search', '{"model": "res.partner", "limit": 1001}');
SELECT test.tool('search', '{"model": "res.partner", "limit": 1000}');
SELECT test.tool('search', '{"model": "res.partner", "limit": 2.5}');
SELECT test.tool('search', '{"model": "res.partner", "offset": 2147483648}');
SELECT test.tool('search', '{"model": "res.partner", "html": "rtf"}');
SELECT test.tool('search', '{"model": "res.partner", "cursor": "x.y"}');
SELECT test.tool('search', '{"model": "res.partner", "cursor": "x.y", "offset": 5}');
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.max_records', '5'), ('odoo_mcp.default_records', '3');
SELECT test.tool('search', '{"model": "res.partner", "fields": ["name"]}');
SELECT test.tool('search', '{"model": "res.partner", "limit": 6}');
SELECT test.tool('read', '{"model": "res.partner", "ids": [1, 2, 3, 4, 5, 6]}');
ROLLBACK;
-- Its order.
SELECT o, test.tool('search', jsonb_build_object('model', 'sale.order', 'fields', '{name}'::text[], 'order', o)::text, 10)
FROM unnest(ARRAY['date_order', 'date_order desc, id', 'partner_id.name asc nulls last', 'id DESC NULLS FIRST']) o;
SELECT o, test.tool('search', jsonb_build_object('model', 'sale.order', 'order', o)::text, 10)
FROM unnest(ARRAY['date_ordr', 'name upwards', 'name,', 'name desc; DROP TABLE sale_order', 'name.first', 'amount_total nulls', '"name"', 'partner_id.contact_address']) o;

-- The domain, as a list or as text, in JSON or in Python syntax. A time is in the user's zone; a date stays unchanged.
SELECT d, test.tool('count', jsonb_build_object('model', 'sale.order', 'domain', d)::text)
FROM unnest(ARRAY['[]', '[["name", "=", "x"]]', '[("name", "=", "x"), ("state", "!=", None)]', '["|", ["name", "=", "x"], "!", ["partner_id.name", "ilike", "y"]]',
    '[["date_order", ">=", "2026-06-01 10:00:00"]]', '[["date_order", ">=", "2026-06-01T10:00:00Z"]]', '[["date_order", ">=", "2026-06-01"]]',
    '[["date_order", ">=", "today -7d"]]', '[["date_order", "in", ["2026-01-01 10:00:00", "2026-06-01 10:00"]]]', '[["validity_date", "=", "2026-06-01"]]',
    '[["order_line", "any", [["price_unit", ">", 5]]]]', '[["order_line.order_id.date_order", "<", "2026-06-01 10:00:00"]]',
    '[["name", "<>", null]]', '[[1, "=", 1]]']) d;
SELECT test.tool('count', '{"model": "sale.order", "domain": [["date_order", "<", "2026-06-01 10:00:00"]]}', 2);
SELECT d, test.tool('count', jsonb_build_object('model', 'sale.order', 'domain', d)::text)
FROM unnest(ARRAY['[["name", "=", "x"]', '["name", "=", "x"]', '{"name": "x"}', '[["nmae", "=", "x"]]', '[["name", "=="," x"]]', '[["name", "contains", "x"]]',
    '[["name", "="]]', '["|", ["name", "=", "x"]]', '["and", ["name", "=", "x"]]', '[["partner_id.nmae", "=", "x"]]', '[["name.x", "=", "x"]]', '[["name", "in", "x"]]',
    '[["name", "=", ["x"]]]', '[["date_order", ">", "2026-13-01 10:00:00"]]', '[["date_order", ">", "9 June"]]', '[["amount_total", ">", null]]',
    '[["partner_id", "child_of", 1.5]]', '[["order_line", "any", [["x", "=", 1]]]]', '[[2, "=", 1]]', 'name = x', '[["name", "=", x]]', '"[]"', '[uid]',
    '[["password", "=", "x"]]', '[["partner_id/name", "=", "x"]]', 'null', '5']) d;
-- A field that cannot be searched is refused: Odoo up to 18 would drop the term and select every record.
SELECT left(test.tool('count', '{"model": "res.partner", "domain": [["contact_address", "ilike", "x"]]}'), 5);

-- read.
SELECT test.tool('read', '{"model": "sale.order", "ids": [3, 1], "fields": ["date_order", "name"]}');
SELECT i, test.tool('read', format('{"model": "sale.order", "ids": [1, %s]}', i)) FROM unnest(ARRAY['0', '-1', '2147483648', 'true', '1.5', 'null']) i;
-- default_get.
SELECT test.tool('default_get', '{"model": "sale.order.line"}');
SELECT test.tool('default_get', '{"model": "sale.order", "fields": ["name", "x"]}');
-- describe_model.
SELECT test.tool('describe_model', '{"model": "res.partner"}');
SELECT test.tool('describe_model', '{"model": "res.partner", "fields": ["name"]}');
SELECT test.tool('describe_model', '{"model": "res.partner", "fields": ["nome"]}');

-- create: one object or several. Times become UTC, null becomes Odoo's false, commands have three items.
SELECT v, test.tool('create', jsonb_build_object('model', 'sale.order', 'values', v)::text)
FROM unnest(ARRAY['{"name": "A", "date_order": "2026-06-01 10:00:00", "note": null}', '[{"name": "A"}, {"name": "B", "validity_date": "2026-06-01"}]',
    '{"order_line": [[0, 0, {"name": "x", "price_unit": "2.5"}], [4, 7], [5]], "tag_ids": [[6, 0, [1, 2]]]}', '{"partner_id": 7.0}',
    '{"order_line": [[0, "virtual_1", {"order_id": false}], [1, 3, {"name": "y"}], [2, 3], [3, 4, 0]]}']) v;
SELECT v, test.tool('create', jsonb_build_object('model', 'sale.order', 'values', v)::text)
FROM unnest(ARRAY['', '[]', '5', '{"name": "A"', '"{}"', '[{"name": "A"}, 5]', '{"nmae": "A"}', '[{"name": "A"}, {"nmae": "B"}]', '{"id": 5}', '{"create_date": "2026-01-01 00:00:00", "order_line": 5}',
    '{"partner_id": "Azure"}', '{"partner_id": "7"}', '{"partner_id": [7, "Azure"]}', '{"date_order": "2026-06-01"}', '{"validity_date": "2026-06-01 10:00:00"}', '{"validity_date": "June"}',
    '{"amount_total": "1,000.00"}', '{"name": 5}', '{"tag_ids": [1, 2]}', '{"tag_ids": [6, 0, [1]]}', '{"tag_ids": null}', '{"order_line": [[0, 0, {"x": 1}]]}', '{"order_line": [[7, 1]]}',
    '{"order_line": [[6, 0, ["1"]]]}', '{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1}']) v;
SELECT test.tool('create', '{"model": "res.partner", "values": {"color": 2147483648, "active": "true", "is_company": 1, "image_1920": "data:image/png;base64,aGk="}}');
SELECT test.tool('create', '{"model": "res.partner", "values": {"color": "12", "active": false, "image_1920": "aGk=", "tz": "Europe/Brussels", "comment": "<p>x</p>"}}');
-- write and unlink.
SELECT test.tool('write', '{"model": "sale.order", "ids": [1, 2], "values": {"name": "B"}}');
SELECT test.tool('write', '{"model": "sale.order", "ids": [1], "values": "[{\"name\": \"B\"}]"}');
SELECT test.tool('write', '{"model": "sale.order", "ids": [1], "values": {}}');
SELECT test.tool('write', '{"model": "sale.order", "ids": [], "values": {"name": "B"}}');
SELECT test.tool('unlink', '{"model": "sale.order", "ids": [5, 5]}');
SELECT test.tool('unlink', '{"model": "sale.order"}');

-- method_call.
SELECT test.tool('method_call', '{"model": "sale.order", "method": "action_confirm", "ids": [1]}');
SELECT test.tool('method_call', '{"model": "sale.order", "method": "compute", "args": [1, {"a": "b"}], "kwargs": "{\"force\": true}"}');
SELECT m, test.tool('method_call', jsonb_build_object('model', 'sale.order', 'method', m)::text)
FROM unnest(ARRAY['_private', '__class__', 'search_read', 'export_data', 'write', 'unlink', 'sudo', 'with_context', 'name_get', 'onchange', '', 'a.b', '1x', 'x()', 'read ']) m;
SELECT test.tool('method_call', '{"model": "sale.order", "method": "x", "args": {"a": 1}}');
SELECT test.tool('method_call', '{"model": "sale.order", "method": "x", "kwargs": [1]}');
SELECT test.tool('method_call', '{"model": "sale.order", "method": "x", "kwargs": {"context": {"active_test": false}}}');
SELECT test.tool('method_call', '{"model": "sale.order", "method": "x", "ids": [0]}');

-- The core answers list_models: models that the user may read, in the user's language, by words.
SELECT test.tool('list_models');
SELECT test.tool('list_models', '{}', 2);
SELECT test.tool('list_models', '{"limit": 1, "offset": 1}', 10);
SELECT test.tool('list_models', '{"search": "ORDER line"}', 10);
SELECT test.tool('list_models', '{"search": "order % _"}', 10);
SELECT test.tool('list_models', '{"offset": 99}', 10);
-- By the titles of the windows that show its records, in both languages. The best match comes first.
SELECT w, test.tool('list_models', jsonb_build_object('search', w)::text, k) FROM (VALUES ('quotation', 10), ('clients', 1), ('customers', 2), ('sales order', 10), ('res.partner', 10)) v (w, k);
-- Each word is compared with every name, and each order term with the catalogue, so the number of both is limited.
SELECT test.tool('list_models', jsonb_build_object('search', repeat('sale ', n))::text, 10) FROM unnest(ARRAY[16, 17]) n;
SELECT test.tool('list_modules', jsonb_build_object('search', repeat('sale ', 17))::text);
SELECT left(test.tool('search', jsonb_build_object('model', 'sale.order', 'order', repeat('name, ', n) || 'id')::text, 10), 60)
FROM unnest(ARRAY[63, 64]) n;
-- list_modules, list_companies, a server action, a tool of another module.
SELECT test.tool('list_modules');
SELECT test.tool('list_modules', '{"search": "50% a_b \\", "state": "all", "limit": 5}');
SELECT test.tool('list_companies');
SELECT test.tool('run_action', '{"note": "x"}');
SELECT test.tool('committer', '{"anything": {"b": 1, "a": [1.50, 1e2]}}');
BEGIN;
UPDATE mcp_tool SET server_action_id = NULL WHERE name = 'run_action';
SELECT test.tool('run_action', '{"note": "x"}');
-- An invalid schema.
UPDATE mcp_tool SET parameters = '{"type": "array"}' WHERE name = 'count';
SELECT test.tool('count', '{"model": "res.partner"}');
UPDATE mcp_tool SET parameters = '{"type": "object", "properties": {"model": {"type": "strong"}}}' WHERE name = 'count';
SELECT test.tool('count', '{"model": "res.partner"}');
UPDATE mcp_tool SET parameters = '{"$ref": "https://example.com/schema.json"}' WHERE name = 'count';
SELECT left(test.tool('count', '{"model": "res.partner"}'), 52);
-- A looser schema does not loosen the tool's checks.
UPDATE mcp_tool SET parameters = '{"type": "object", "additionalProperties": true}' WHERE name IN ('count', 'read', 'search', 'write');
SELECT test.tool('count', '{"model": "res.partner", "zzz": 1}');
SELECT test.tool('count', '{"model": 5}');
SELECT test.tool('count', '{}');
SELECT test.tool('count', '{"model": "res.partner", "domain": {"name": "x"}}');
SELECT test.tool('read', '{"model": "res.partner"}');
SELECT test.tool('read', '{"model": "res.partner", "ids": "all"}');
SELECT test.tool('search', '{"model": "res.partner", "fields": "name"}');
SELECT test.tool('search', '{"model": "res.partner", "fields": [5]}');
SELECT test.tool('search', '{"model": "res.partner", "order": ["name"]}');
SELECT test.tool('write', '{"model": "res.partner", "ids": [1]}');
ROLLBACK;

-- Results of Odoo, as the client gets them. Times are in the user's zone, and unset values are null.
CREATE FUNCTION pg_temp.finish(tool text, arguments text, result jsonb, key integer DEFAULT 1) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    number bigint := nextval('test.number');
    step text := test.tool(tool, arguments, key, number);
BEGIN
    RETURN test.outcome(number, jsonb_build_object('result', result));
END $$;
SELECT regexp_replace(pg_temp.finish('search', '{"model": "sale.order", "fields": ["name", "date_order", "validity_date", "partner_id", "note"], "limit": 2}',
    '{"fields": ["id", "name", "date_order", "validity_date", "partner_id", "note"], "total": 5, "records": [
      {"id": 3, "name": "S3", "date_order": "2026-06-01 08:00:00", "validity_date": "2026-06-30", "partner_id": [7, "Portal"], "note": false},
      {"id": 4, "name": "S4", "date_order": "2026-01-01 23:30:00", "validity_date": false, "partner_id": false, "note": "<p>x</p>"}]}'), '"next_cursor":"[^"]+"', '"next_cursor":"…"');
-- A field that the user may not read is not among the columns.
SELECT pg_temp.finish('search', '{"model": "sale.order", "offset": 4}', '{"fields": ["id", "name"], "total": 5, "records": [{"id": 9, "name": "S9"}]}');
SELECT pg_temp.finish('search', '{"model": "sale.order", "offset": 40}', '{"fields": ["id", "name"], "total": 5, "records": []}');
SELECT pg_temp.finish('read', '{"model": "res.partner", "ids": [7, 99], "fields": ["active", "create_date"]}',
    '{"fields": ["id", "active", "create_date"], "records": [{"id": 7, "active": false, "create_date": "2026-07-01 12:00:00"}], "missing": [99]}', 2);
SELECT pg_temp.finish('count', '{"model": "res.partner"}', '{"count": 0}');
SELECT pg_temp.finish('create', '{"model": "res.partner", "values": {"name": "A"}}', '{"ids": [11], "names": ["A"]}');
SELECT pg_temp.finish('write', '{"model": "res.partner", "ids": [7], "values": {"name": "A"}}', '{"ids": [7]}');
SELECT pg_temp.finish('unlink', '{"model": "res.partner", "ids": [7]}', '{"ids": [7]}');
SELECT pg_temp.finish('default_get', '{"model": "sale.order", "fields": ["date_order", "name"]}', '{"values": {"date_order": "2026-06-01 08:00:00", "name": false}}');
SELECT pg_temp.finish('method_call', '{"model": "sale.order", "method": "action_confirm", "ids": [1]}', '{"result": true}');
SELECT pg_temp.finish('method_call', '{"model": "sale.order", "method": "action_view", "ids": [1]}',
    '{"result": {"type": "ir.actions.act_window", "name": "Orders", "res_model": "sale.order", "res_id": false, "domain": [], "context": {}}}');
-- A short description, a full one, and named fields.
SELECT d, pg_temp.finish('describe_model', (jsonb_build_object('model', 'sale.order') || d)::text, '{"model": "sale.order", "description": "Sales Order", "order": "date_order desc", "rec_name": "name", "rights": ["read", "write"], "fields": {
    "name": {"type": "char", "string": "Order Reference", "required": true, "readonly": false, "store": true, "searchable": true, "sortable": true, "help": ""},
    "total": {"type": "monetary", "string": "Total", "store": false, "searchable": false, "sortable": false, "help": "Sum", "depends": ["x"], "computed": true}}}'::jsonb)
FROM unnest(ARRAY['{}', '{"detail": "full"}', '{"fields": ["name"]}', '{"fields": ["name"], "detail": "brief"}']::jsonb[]) d;
SELECT test.tool('describe_model', '{"model": "sale.order", "detail": "long"}');
SELECT pg_temp.finish('list_modules', '{"limit": 1}', '{"records": [{"name": "sale", "shortdesc": "Sales", "summary": null, "state": "installed", "installed_version": "19.0.1.2", "application": true, "author": "Odoo", "category": "Sales"}], "total": 3}');
SELECT pg_temp.finish('list_companies', '{}', '{"records": [{"id": 2, "name": "Two", "currency": "EUR", "parent": null, "default": true, "country": "BE"}]}');
SELECT pg_temp.finish('run_action', '{"note": "x"}', '{"result": null}');
SELECT pg_temp.finish('committer', '{}', r::jsonb) FROM unnest(ARRAY['"text"', '{"a": 1}', '[1, 2]', 'null', '5']) r;
-- A result of an unexpected shape makes the transaction fail.
SELECT pg_temp.finish('count', '{"model": "res.partner"}', '{"counted": 3}');
SELECT pg_temp.finish('search', '{"model": "res.partner"}', '{"fields": ["id"], "records": {}, "total": 0}');
-- A page that continues: by the values of its last record, or by the number of records where Odoo's order allows no
-- other way.
SELECT regexp_replace(pg_temp.finish('search', '{"model": "sale.order", "fields": ["name"], "order": "date_order desc"}', '{"fields": ["id", "name"], "total": 5, "more": true,
    "keys": {"9": ["2026-01-01 00:00:00.5", "9"]}, "records": [{"id": 9, "name": "S9"}]}'), '"next_cursor":"[^"]+"', '"next_cursor":"…"');
SELECT regexp_replace(pg_temp.finish('search', '{"model": "sale.order", "fields": ["name"], "order": "partner_id"}', '{"fields": ["id", "name"], "total": 5, "more": true,
    "keys": {}, "records": [{"id": 9, "name": "S9"}]}'), '"next_cursor":"[^"]+"', '"next_cursor":"…"');
-- Long values.
SELECT pg_temp.finish('search', '{"model": "sale.order", "fields": ["note", "order_line"], "html": "markdown"}', jsonb_build_object('fields', '["id", "note", "order_line"]'::jsonb, 'total', 1, 'more', false,
    'records', jsonb_build_array(jsonb_build_object('id', 9, 'note', '<p>a <b>b</b></p>', 'order_line', (SELECT jsonb_agg(n) FROM generate_series(1, 21) n)))));
-- Too long: a read-only tool says how to ask for less. A writing tool has done its work, and says so.
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.max_answer_kb', '10');
SELECT pg_temp.finish('read', '{"model": "res.partner", "ids": [7], "fields": ["comment"], "whole": true}', jsonb_build_object('fields', '{id,comment}'::text[], 'missing', '{}'::int[],
    'records', jsonb_build_array(jsonb_build_object('id', 7, 'comment', repeat('x', 20000)))));
SELECT pg_temp.finish('method_call', '{"model": "res.partner", "method": "x", "ids": [7]}', jsonb_build_object('result', repeat('x', 20000)));
ROLLBACK;

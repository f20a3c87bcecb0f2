-- The argument `context`: language and companies of one call. Also different values for each record in one write.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
-- Like test.tool, with the context of the step.
CREATE FUNCTION pg_temp.tool(name text, arguments text, key integer DEFAULT 1) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    here bigint := nextval('test.number');
    told text := test.tool(name, arguments, key, here);
BEGIN
    RETURN concat_ws(' ', told, (SELECT a.answer -> 'step' -> 'context' FROM test.answer a WHERE a.number = here));
END $$;
BEGIN;
UPDATE mcp_tool SET parameters = jsonb_set(parameters::jsonb, '{properties,context}', '{"type": "string"}')::text
WHERE name IN ('search', 'count', 'create', 'write', 'list_models', 'describe_model', 'administrators_only');
UPDATE mcp_tool SET parameters = jsonb_set(parameters::jsonb, '{required}', '["model", "values"]')::text WHERE name = 'write';

-- Accepted as text and as an object. The user's own values replace missing and null ones. The order of companies is
-- kept.
SELECT c, pg_temp.tool('count', jsonb_build_object('model', 'res.partner', 'context', c::jsonb)::text)
FROM unnest(ARRAY['{"lang": "en_US"}', '{"company_ids": [1]}', '{"company_ids": [1, 2], "lang": "en_US"}', '{}', '{"lang": null, "company_ids": null}',
    '"{\"company_ids\": [1]}"', 'null']) c;
-- Refused: unknown keys, languages and companies, each with the valid ones. Company 3 is inactive.
SELECT c, pg_temp.tool('count', jsonb_build_object('model', 'res.partner', 'context', c::jsonb)::text)
FROM unnest(ARRAY['{"language": "fr_FR"}', '{"tz": "Asia/Tokyo"}', '{"allowed_company_ids": [1]}', '{"active_test": false}', '{"uid": 1}', '{"lang": "fr-FR"}',
    '{"lang": "de_DE"}', '{"lang": 5}', '{"lang": ""}', '{"company_ids": [3]}', '{"company_ids": [1, 4711]}', '{"company_ids": ["two"]}', '{"company_ids": [1, 1]}',
    '{"company_ids": []}', '{"company_ids": 1}', '{"company_ids": [1.5]}', '[]', '"lang=fr_FR"', '"fr_FR"', '5', '""']) c;
-- A user with one company; a key whose scope leaves one company; company names that are hidden do not appear.
SELECT pg_temp.tool('count', '{"model": "res.partner", "context": {"company_ids": [2]}}', 2);
SAVEPOINT before;
INSERT INTO mcp_key_scope (id, name, api_key_id, user_id, active, read_only, all_models) VALUES (900, 'x', 1, 2, true, false, true);
INSERT INTO mcp_key_scope_company_rel (scope_id, company_id) VALUES (900, 1);
SELECT c, pg_temp.tool('count', jsonb_build_object('model', 'res.partner', 'context', c::jsonb)::text)
FROM unnest(ARRAY['{"company_ids": [1]}', '{"company_ids": [2]}', '{"company_ids": ["Two"]}', '{"lang": "en_US"}']) c;
ROLLBACK TO SAVEPOINT before;
INSERT INTO mcp_access (id, model_id, model, active, perm_read) VALUES (900, 4, 'res.company', true, false);
SELECT pg_temp.tool('count', '{"model": "res.partner", "context": {"company_ids": [3]}}');
ROLLBACK TO SAVEPOINT before;
-- The models are described in that language.
SELECT test.tool('list_models', '{"search": "contact", "context": {"lang": "en_US"}}');
SELECT test.tool('list_models', '{"search": "carnet"}');
SELECT test.tool('list_models', '{"search": "carnet", "context": {"lang": "en_US"}}');
-- A tool whose schema does not declare it has no such argument. A tool of another addon gets it unchanged.
SELECT test.tool('unlink', '{"model": "res.partner", "ids": [1], "context": {"lang": "en_US"}}');
SELECT test.tool('administrators_only', '{"context": "{\"anything\": 1}"}');
-- The audit row contains it.
SELECT request FROM mcp_audit_log WHERE request::text LIKE '%company_ids%' ORDER BY id LIMIT 2;

-- Different values for each record: written in order, with consecutive equal values in one write.
SELECT v, test.tool('write', jsonb_build_object('model', 'res.partner', 'values', v::jsonb)::text)
FROM unnest(ARRAY['[{"id": 7, "name": "a"}, {"id": 9, "name": "b"}]', '[{"id": 7, "name": "a"}, {"name": "a", "id": 9}, {"id": 8, "name": "b"}, {"id": 3, "name": "a"}]']) v;
SELECT v, test.tool('write', jsonb_build_object('model', 'res.partner', 'values', v::jsonb)::text)
FROM unnest(ARRAY['[]', '[5]', '[{"name": "a"}]', '[{"id": 7}]', '[{"id": 7, "name": "a"}, {"id": 7, "email": "b"}]', '[{"id": "7", "name": "a"}]', '[{"id": -7, "name": "a"}]',
    '[{"id": 7, "name": "a"}, {"id": 9, "nmae": "b"}]', '{"name": "a"}', '{"id": 7, "name": "a"}']) v;
SELECT test.tool('write', '{"model": "res.partner", "ids": [7], "values": [{"id": 7, "name": "a"}]}');
SELECT test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"id": 7, "name": "a"}}');
SELECT test.tool('create', '{"model": "res.partner", "values": [{"name": "a"}, {"nmae": "b"}]}');
SAVEPOINT before;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.max_records', '2');
SELECT test.tool('write', '{"model": "res.partner", "values": [{"id": 1, "name": "a"}, {"id": 2, "name": "a"}, {"id": 3, "name": "a"}]}');
SELECT test.tool('create', '{"model": "res.partner", "values": [{"name": "a"}, {"name": "a"}, {"name": "a"}]}');
ROLLBACK TO SAVEPOINT before;

-- Arguments of methods have no declared type: a datetime must state its zone. Dates and other texts stay unchanged.
SELECT a, test.tool('method_call', jsonb_build_object('model', 'sale.order', 'method', 'x', 'args', a::jsonb)::text)
FROM unnest(ARRAY['["2026-11-22T14:30:00+01:00", "2026-11-22 14:30Z", "2026-11-22", "at 2026-11-22 14:30:00", [{"a": "2026-11-22T14:30:00-05:00"}]]',
    '[[["date_order", ">", "2026-11-22 14:30:00"]]]', '["x", "2026-11-22T14:30"]']) a;
SELECT test.tool('method_call', '{"model": "sale.order", "method": "x", "kwargs": {"when": {"at": "2026-11-22 14:30:00"}}}');
-- A date is not a datetime.
SELECT d, test.tool('count', jsonb_build_object('model', 'sale.order', 'domain', d::jsonb)::text)
FROM unnest(ARRAY['[["date_order", "in", ["2026-11-22T14:30:00-05:00", "2026-11-22 14:30:00", "2026-11-22"]]]', '["!", ["partner_id.create_date", ">", "2026-07-22T14:30:00"]]',
    '[["partner_id", "any", [["create_date", "<", "2026-07-22T14:30:00Z"]]]]', '[["partner_id", "not any", [["create_date", "<", "2026-07-22 14:30:00"]]]]']) d;
SELECT test.tool('count', '{"model": "res.partner", "domain": [["date", "=", "2026-11-22T23:30:00Z"]]}');
SELECT test.tool('count', '{"model": "res.partner", "domain": [["date", "=", "2026-11-22 23:30:00"]]}');

-- Results of methods: a datetime is converted to the user's zone. A text stays unchanged, with a note about it.
CREATE FUNCTION pg_temp.finish(tool text, arguments text, result jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    number bigint := nextval('test.number');
    step text := test.tool(tool, arguments, 1, number);
BEGIN
    RETURN test.outcome(number, result);
END $$;
SELECT pg_temp.finish('method_call', '{"model": "sale.order", "method": "x"}', '{"result": {"result": ["2026-11-22T13:30:00Z", {"a": "2026-07-22T13:30:00Z", "b": "2026-11-22", "c": "2026-11-22T13:30:00+05:30"}]}}');
SELECT pg_temp.finish('method_call', '{"model": "sale.order", "method": "x"}', '{"result": {"result": {"a": [["2026-11-22 13:30:00"]]}}}');
-- Records within default values.
SELECT pg_temp.finish('default_get', '{"model": "sale.order", "fields": ["order_line", "date_order"]}',
    '{"result": {"values": {"date_order": "2026-06-01 08:00:00", "order_line": [[6, 0, []], [0, 0, {"a": "2026-06-01 08:00:00", "b": "2026-06-01 08:00:00"}]]}, "datetimes": [["order_line", 1, 2, "a"], ["gone", 7]]}}');
-- The error names the record that Odoo refused.
SELECT pg_temp.finish('write', '{"model": "res.partner", "values": [{"id": 7, "name": "a"}, {"id": 9, "name": "b"}]}', '{"error": {"type": "validation_error", "message": "No.", "place": "values[1]"}}');
SELECT pg_temp.finish('create', '{"model": "res.partner", "values": [{"name": "a"}, {"name": "b"}]}', '{"error": {"type": "constraint", "message": "", "place": "values[0]"}}');
ROLLBACK;

-- SQL injection attempts in every place where a text reaches SQL: they remain plain values.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
CREATE TABLE test.victim (id integer);
CREATE TABLE test.attack (n serial, attack text);
INSERT INTO test.attack (attack) VALUES ('''; DROP TABLE test.victim; --'), ('x'' OR ''1''=''1'), ('") ; DROP TABLE test.victim; --'), ('$1'), ('%s %(x)s {0}'), ('\'), ('E''\'''''),
    ('$$; DROP TABLE test.victim; $$'), ('%'), ('_'), ('/* */'), ('null'), (E'a\nb\tc'), ('ünï ｃｏｄｅ');

-- The gate: index, login, origin, address, path, method.
SELECT n, left(test.gate(jsonb_build_object('credential', jsonb_build_object('scheme', 'bearer', 'index', attack))), 3),
    left(test.gate(jsonb_build_object('credential', jsonb_build_object('scheme', 'basic', 'login', attack, 'index', 'bbbbbbbb'))), 3),
    test.gate(jsonb_build_object('credential', jsonb_build_object('scheme', 'basic', 'login', attack, 'index', NULL))) = 'step ' || jsonb_build_object('kind', 'verify_password', 'login', attack)::text,
    left(test.gate(headers => jsonb_build_object('origin', attack)), 3),
    left(test.gate(jsonb_build_object('remote_addr', attack, 'path', attack)), 3)
FROM test.attack ORDER BY n;
-- Claims and results of verifications.
SELECT n, left(test.gate(jsonb_build_object('credential', jsonb_build_object('scheme', 'bearer', 'index', 'bbbbbbbb', 'claim', jsonb_build_object('kind', 'key', 'id', 2, 'digest', attack)))), 4),
    left(test.gate(jsonb_build_object('credential', jsonb_build_object('scheme', 'basic', 'login', 'demo', 'index', NULL, 'claim',
        jsonb_build_object('kind', 'password', 'uid', 6, 'fields', jsonb_build_array(attack), 'digest', attack)))), 4)
FROM test.attack ORDER BY n;
-- Sessions: id, client, user agent.
SELECT n, left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', jsonb_build_object('mcp-session-id', attack)), 3),
    left(test.handle('{"http_method": "DELETE"}', jsonb_build_object('mcp-session-id', attack)), 3),
    left(test.post(jsonb_build_object('jsonrpc', '2.0', 'id', attack, 'method', 'initialize', 'params', jsonb_build_object('protocolVersion', attack, 'capabilities', '{}'::jsonb,
        'clientInfo', jsonb_build_object('name', attack, 'version', attack)))::text, jsonb_build_object('user-agent', attack)), 3)
FROM test.attack ORDER BY n;
SELECT count(*) FROM mcp_session s JOIN test.attack a ON s.client_name = a.attack AND s.client_version = a.attack;
-- Methods, tools, models, fields, orders, domains, values.
SELECT n, left(test.post(jsonb_build_object('jsonrpc', '2.0', 'id', 1, 'method', attack)::text), 3),
    left(test.tool(attack), 10),
    left(test.tool('count', jsonb_build_object('model', attack)::text), 28),
    left(test.tool('search', jsonb_build_object('model', 'res.partner', 'fields', jsonb_build_array(attack))::text), 15),
    left(test.tool('search', jsonb_build_object('model', 'res.partner', 'order', attack)::text), 12),
    left(test.tool('count', jsonb_build_object('model', 'res.partner', 'domain', jsonb_build_array(jsonb_build_array(attack, '=', 1)))::text), 12)
FROM test.attack ORDER BY n;
SELECT n, test.tool('count', jsonb_build_object('model', 'res.partner', 'domain', jsonb_build_array(jsonb_build_array('name', '=', attack)))::text)
    = 'step _tool_count ' || jsonb_build_object('model', 'res.partner', 'domain', jsonb_build_array(jsonb_build_array('name', '=', attack)))::text,
    test.tool('write', jsonb_build_object('model', 'res.partner', 'ids', '{7}'::int[], 'values', jsonb_build_object('name', attack))::text)
    = 'step _tool_write ' || jsonb_build_object('model', 'res.partner', 'ids', '{7}'::int[], 'values', jsonb_build_object('name', attack))::text,
    left(test.tool('list_models', jsonb_build_object('search', attack || ' xyz')::text), 12)
FROM test.attack ORDER BY n;
-- Results and errors from Odoo.
SELECT n, test.tool('committer', number => 200 + n) IS NOT NULL, test.outcome(200 + n, jsonb_build_object('result', attack)) = 'ok ' || attack FROM test.attack ORDER BY n;
SELECT test.clear();
SELECT n, test.tool('count', '{"model": "res.partner"}', number => n) IS NOT NULL,
    test.outcome(n, jsonb_build_object('error', jsonb_build_object('type', 'user_error', 'message', attack || '.'))) = 'error ' || attack || '.' FROM test.attack ORDER BY n;
SELECT count(*) FROM mcp_audit_log l JOIN test.attack a ON l.error = a.attack || '.';
-- The functions for SQL callers.
SELECT n, mcp_dispatch_tool(6, attack, '{}') #>> '{result,isError}', mcp_check_access(2, attack, 'read') ->> 'layer', mcp_check_access(2, 'res.partner', 'read', ARRAY[attack]) ->> 'layer',
    mcp_dispatch_tool(2, 'list_companies', '{}', jsonb_build_object(attack, 1)) #>> '{result,isError}'
FROM test.attack ORDER BY n;
SELECT mcp_check_access(2, 'res.partner', '''; DROP TABLE test.victim; --');
SELECT mcp_to_utc('''; DROP TABLE test.victim; --', 'UTC');
SELECT mcp_to_local('2026-01-01', '''; DROP TABLE test.victim; --');
SELECT n, mcp_audit_insert(jsonb_build_object('call_id', test.call_id(100 + n), 'status', attack, 'login', attack, 'error', attack, 'model', attack, 'request', jsonb_build_object(attack, attack))) FROM test.attack ORDER BY n;
SELECT count(*) FROM mcp_audit_log l JOIN test.attack a ON l.status = a.attack AND l.login = a.attack AND l.request::jsonb = jsonb_build_object(a.attack, a.attack);
-- Names in Odoo's own tables: a model name is never inserted unquoted into a statement.
BEGIN;
INSERT INTO ir_model (id, model, name) VALUES (99, 'x''; DROP TABLE test.victim; --', '{"en_US": "x"}');
INSERT INTO ir_model_access (name, model_id, active, perm_read) VALUES ('x', 99, true, true);
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.max_records', '1; DROP TABLE test.victim'), ('odoo_mcp.audit_days', '1'' OR 1=1'), ('odoo_mcp.session_hours', '-1');
SELECT left(test.tool('list_models'), 12), mcp_maintain() ? 'calls_died', left(test.tool('search', '{"model": "res.partner", "fields": ["name"]}'), 60);
ROLLBACK;

SELECT to_regclass('test.victim') IS NOT NULL;
SELECT count(*) FROM mcp_audit_log WHERE status = 'failed' OR http_status >= 500;
DROP TABLE test.victim, test.attack;
SELECT test.clear();

-- Confirmation of calls: the question, the person who is asked, and the scope of a token.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
UPDATE mcp_tool SET parameters = jsonb_set(parameters::jsonb, '{properties,confirmation}', '{"type": "string"}')::text
WHERE name IN ('write', 'unlink', 'method_call');
UPDATE mcp_tool SET destructive_hint = false WHERE name = 'committer';
CREATE FUNCTION pg_temp.status(number bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', status, error) FROM mcp_audit_log WHERE call_id = test.call_id($1)::uuid $$;
-- A text without its token, and the token of an answer.
CREATE FUNCTION pg_temp.plain(text) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace($1, '"[A-Za-z0-9_-]{38}"', '"<token>"') $$;
CREATE FUNCTION pg_temp.token(number bigint) RETURNS text LANGUAGE sql AS $$
SELECT substring(answer #>> '{reply,body}' FROM '([A-Za-z0-9_-]{38})\\"') FROM test.answer a WHERE a.number = $1 $$;
CREATE FUNCTION pg_temp.set(text, text) RETURNS void LANGUAGE sql AS
$$ INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.' || $1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

-- The setting determines which calls need confirmation. An unknown value means all.
CREATE FUNCTION pg_temp.asks(name text, arguments text) RETURNS boolean LANGUAGE sql AS
$$ SELECT test.tool(name, arguments) LIKE 'step \_tool\_confirmation %' $$;
CREATE VIEW pg_temp.calls AS SELECT * FROM (VALUES
    (1, 'create', '{"model": "res.partner", "values": {"name": "A"}}'), (2, 'write', '{"model": "res.partner", "ids": [7], "values": {"name": "A"}}'),
    (3, 'unlink', '{"model": "res.partner", "ids": [7]}'), (4, 'method_call', '{"model": "res.partner", "method": "action_x"}'),
    (5, 'search', '{"model": "res.partner"}'), (6, 'committer', '{}')) c (id, name, arguments);
SELECT string_agg(name, ' ' ORDER BY id) FILTER (WHERE pg_temp.asks(name, arguments)) FROM pg_temp.calls;
SELECT pg_temp.set('confirm', 'destructive');
SELECT string_agg(name, ' ' ORDER BY id) FILTER (WHERE pg_temp.asks(name, arguments)) FROM pg_temp.calls;
SELECT pg_temp.set('confirm', 'what');
SELECT string_agg(name, ' ' ORDER BY id) FILTER (WHERE pg_temp.asks(name, arguments)) FROM pg_temp.calls;
DELETE FROM ir_config_parameter WHERE key = 'odoo_mcp.confirm';
-- The access record of a model determines it for each operation. Commands within values count for their own model.
INSERT INTO mcp_access (model_id, model, confirm_write, confirm_create, confirm_unlink, confirm_call, free_methods) VALUES (1, 'res.partner', false, false, true, true, E'action_y\n action_x ');
SELECT string_agg(name, ' ' ORDER BY id) FILTER (WHERE pg_temp.asks(name, arguments)) FROM pg_temp.calls;
SELECT pg_temp.asks('method_call', '{"model": "res.partner", "method": "action_z"}');
UPDATE mcp_access SET confirm_write = true, confirm_create = true, confirm_unlink = false, confirm_call = false;
SELECT string_agg(name, ' ' ORDER BY id) FILTER (WHERE pg_temp.asks(name, arguments)) FROM pg_temp.calls;
UPDATE mcp_access SET active = false;
SELECT string_agg(name, ' ' ORDER BY id) FILTER (WHERE pg_temp.asks(name, arguments)) FROM pg_temp.calls;
DELETE FROM mcp_access;
INSERT INTO mcp_access (model_id, model, confirm_unlink) VALUES (3, 'sale.order.line', true);
SELECT pg_temp.asks('write', jsonb_build_object('model', 'sale.order', 'ids', '[5]'::jsonb, 'values', jsonb_build_object('order_line', jsonb_build_array(command::jsonb)))::text)
FROM unnest(ARRAY['[0, 0, {"name": "x"}]', '[1, 7, {"name": "x"}]', '[2, 7]', '[3, 7]']) command;
SELECT test.tool('write', '{"model": "sale.order", "ids": [5], "values": {"order_line": [[2, 7]]}}', number => 1) IS NOT NULL;
SELECT pg_temp.plain(test.outcome(1, '{"result": {"names": ["S5"]}}'));
DELETE FROM mcp_access;
-- mcp_check_access reports whether an operation needs confirmation.
SELECT pg_temp.set('confirm', 'destructive');
SELECT mcp_check_access(2, 'res.partner', 'unlink') ->> 'confirmation', mcp_check_access(2, 'res.partner', 'create') ->> 'confirmation';

-- Nobody can be asked: the model gets the question and a token. The server stores nothing for that.
SELECT test.tool('unlink', '{"model": "res.partner", "ids": [7, 8, 9]}', number => 10);
SELECT pg_temp.plain(test.outcome(10, '{"result": {"names": ["Azure", null, "A \"quoted\" name"]}}'));
SELECT pg_temp.status(10);
SELECT count(*) FROM mcp_idempotency;
SELECT pg_temp.token(10) AS token \gset
-- The same call with the token. The row that marks the token as used comes before the method.
SELECT test.tool('unlink', json_build_object('model', 'res.partner', 'ids', '{7,8,9}'::int[], 'confirmation', :'token')::text, number => 11);
SELECT jsonb_array_length(answer #> '{step,claims}'), answer #>> '{step,claims,0,key}' LIKE 'confirmation ___________' FROM test.answer WHERE number = 11;
SELECT test.outcome(11, '{"error": {"type": "claimed", "message": ""}}');
SELECT pg_temp.status(11);
-- A token is valid for nothing else: other arguments, tool, user or API key. Also invalid tokens.
SELECT test.tool('unlink', json_build_object('model', 'res.partner', 'ids', '{7,8}'::int[], 'confirmation', :'token')::text);
SELECT left(test.tool('unlink', json_build_object('model', 'res.partner', 'ids', '{7,8,9}'::int[], 'confirmation', c)::text, key), 60)
FROM (VALUES (:'token', 8), (:'token', 10), ('yes', 1), ('', 1), (:'token' || 'A', 1)) t (c, key);
SELECT left(test.tool('method_call', json_build_object('model', 'res.partner', 'method', 'm', 'confirmation', :'token')::text), 60);
-- Where no confirmation is needed, a valid token is accepted and any other is refused.
SELECT pg_temp.set('confirm', 'none');
SELECT left(test.tool('unlink', json_build_object('model', 'res.partner', 'ids', '{7,8,9}'::int[], 'confirmation', :'token')::text), 20);
SELECT test.tool('unlink', '{"model": "res.partner", "ids": [7], "confirmation": "yes"}');
SELECT test.tool('search', '{"model": "res.partner", "confirmation": "yes"}');
-- Only a person may confirm: the server neither gives nor accepts tokens.
SELECT pg_temp.set('confirm', 'all'), pg_temp.set('confirm_person', 'True');
SELECT test.tool('unlink', '{"model": "res.partner", "ids": [7, 8, 9]}', number => 12) IS NOT NULL;
SELECT test.outcome(12, '{"result": {"names": []}}');
SELECT pg_temp.status(12);
SELECT left(test.tool('unlink', json_build_object('model', 'res.partner', 'ids', '{7,8,9}'::int[], 'confirmation', :'token')::text), 60);
SELECT left(mcp_dispatch_tool(2, 'unlink', '{"model": "res.partner", "ids": [7]}')::text, 60);
SELECT pg_temp.set('confirm_person', 'False');

-- A tool accepts a token even if its schema does not declare one.
SELECT test.tool('committer', '{"anything": 5}', number => 13) IS NOT NULL;
SELECT pg_temp.plain(test.outcome(13, '{"result": {"names": []}}'));
SELECT test.tool('committer', json_build_object('anything', 5, 'confirmation', pg_temp.token(13))::text);
-- An error of Odoo replaces the question. A call that the policy refuses leads to no question.
SELECT test.tool('unlink', '{"model": "res.partner", "ids": [7]}', number => 14) IS NOT NULL;
SELECT test.outcome(14, '{"error": {"type": "missing_error", "message": "These records of res.partner do not exist: 7."}}');
SELECT pg_temp.status(14);
SELECT test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"nmae": "A"}}');
SELECT test.tool('unlink', '{"model": "ir.model", "ids": [7]}');

-- A person is asked, in 2026-07-28: the question contains the names, and the answer counts only with proof of the
-- question.
SELECT '{"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}}' AS able \gset
SELECT '{"name": "unlink", "arguments": {"model": "res.partner", "ids": [7]}}' AS call \gset
SELECT '{"inputResponses": {"confirm": {"action": "accept", "content": {"confirm": true}}}}' AS yes \gset
SELECT test.modern('tools/call', :'call'::jsonb || :'yes', meta => :'able', number => 20) LIKE 'step%\_tool\_confirmation%';
SELECT regexp_replace(test.resume(20, '{"result": {"names": ["Azure"]}}'), '"requestState":"[^"]+"', '"requestState":"<state>"');
SELECT pg_temp.status(20);
SELECT jsonb_build_object('requestState', (answer #>> '{reply,body}')::jsonb #> '{result,requestState}') AS state FROM test.answer WHERE number = 20 \gset
SELECT test.modern('tools/call', :'call'::jsonb || :'yes' || :'state', meta => :'able', number => 21) LIKE 'step%\_tool\_unlink%';
SELECT answer #> '{step,inputs}', answer #>> '{step,claims,0,key}' LIKE 'confirmation %' FROM test.answer WHERE number = 21;
-- Declining, or answering no in the form, ends the call, whatever the settings are by then.
SELECT pg_temp.set('confirm', 'none');
SELECT test.modern('tools/call', :'call'::jsonb || answer::jsonb || :'state', meta => :'able', number => 22 + n)
FROM unnest(ARRAY['{"inputResponses": {"confirm": {"action": "decline"}}}', '{"inputResponses": {"confirm": {"action": "accept", "content": {"confirm": false}}}}']) WITH ORDINALITY a (answer, n);
SELECT pg_temp.status(23), pg_temp.status(24);
SELECT pg_temp.set('confirm', 'all');
-- The method itself asks something afterwards: the state of its question contains the confirmation.
INSERT INTO mcp_tool (id, sequence, name, category, method, description, parameters, active, read_only_hint) VALUES
    (60, 600, 'asks', 'custom', '_tool_asks', 'Ask.', '{"type": "object", "properties": {}}', true, false);
SELECT test.modern('tools/call', '{"name": "asks", "arguments": {}}', meta => :'able', number => 30) IS NOT NULL;
SELECT test.resume(30, '{"result": {"names": []}}') IS NOT NULL;
SELECT jsonb_build_object('requestState', (answer #>> '{reply,body}')::jsonb #> '{result,requestState}') AS state FROM test.answer WHERE number = 30 \gset
SELECT test.modern('tools/call', '{"name": "asks", "arguments": {}}'::jsonb || :'yes' || :'state', meta => :'able', number => 31) LIKE 'step%\_tool\_asks%';
SELECT test.resume(31, '{"error": {"type": "input_required", "message": "", "state": 1, "requests": {"name": {"method": "elicitation/create", "params": {"message": "Your name?", "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}}}}}}}') LIKE '%Your name?%';
SELECT jsonb_build_object('requestState', (answer #>> '{reply,body}')::jsonb #> '{result,requestState}') AS state FROM test.answer WHERE number = 31 \gset
SELECT test.modern('tools/call', '{"name": "asks", "arguments": {}, "inputResponses": {"name": {"action": "decline"}}}'::jsonb || :'state', meta => :'able', number => 32) LIKE 'step%\_tool\_asks%';
SELECT answer #> '{step,inputs}', answer #> '{step,input_state}', answer #>> '{step,claims,0,key}' LIKE 'confirmation %' FROM test.answer WHERE number = 32;
-- All steps share the same confirmation.
SELECT count(DISTINCT answer #>> '{step,claims,0,key}') FROM test.answer WHERE number IN (31, 32);

-- A person is asked, in 2025-11-25: on the stream of the request.
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}}, "clientInfo": {"name": "c", "version": "1"}}}', number => 40), 3);
SELECT answer #>> '{reply,headers,Mcp-Session-Id}' AS session FROM test.answer WHERE number = 40 \gset
SELECT jsonb_build_object('mcp-session-id', :'session', 'mcp-protocol-version', '2025-11-25', 'accept', 'application/json, text/event-stream') AS headers \gset
SELECT left(test.post('{"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": {"name": "unlink", "arguments": {"model": "res.partner", "ids": [7]}}}', :'headers', number => 41), 5);
SELECT regexp_replace(test.resume(41, '{"result": {"names": ["Azure"]}}'), '[0-9a-f]{8}-[0-9a-f-]{27}', '<stream>', 'g');
SELECT pg_temp.status(41);
SELECT stream FROM mcp_input_request \gset
SELECT test.post(jsonb_build_object('jsonrpc', '2.0', 'id', :'stream' || '/confirm', 'result', '{"action": "accept", "content": {"confirm": true}}'::jsonb)::text, :'headers');
SELECT test.handle('{"http_method": "GET"}', :'headers'::jsonb || jsonb_build_object('last-event-id', :'stream' || '.0'), number => 42) LIKE 'step%\_tool\_unlink%';
SELECT answer #>> '{step,claims,0,key}' LIKE 'confirmation %' FROM test.answer WHERE number = 42;
SELECT test.resume(42, '{"result": {"ids": [7]}}') LIKE '%"ids":[7]%', count(*) FROM mcp_input_request WHERE request IS NOT NULL;
DELETE FROM mcp_tool WHERE id = 60;
DELETE FROM ir_config_parameter WHERE key IN ('odoo_mcp.confirm', 'odoo_mcp.confirm_person');
SELECT test.clear();
TRUNCATE mcp_input_request;

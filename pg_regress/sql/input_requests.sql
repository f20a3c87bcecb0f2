-- Requests of 2025-11-25 that need input from the client: on a stream that ends at once and that the client resumes.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
INSERT INTO mcp_tool (id, sequence, name, category, method, description, parameters, active, read_only_hint) VALUES
    (60, 600, 'asks', 'custom', '_tool_asks', 'Ask.', '{"type": "object", "properties": {"what": {"type": "string"}}}', true, false);
-- Stream ids differ from run to run.
CREATE FUNCTION pg_temp.plain(text) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace($1, '[0-9a-f]{8}-[0-9a-f-]{27}', '<stream>', 'g') $$;
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}, "tasks": {}}, "clientInfo": {"name": "c", "version": "1"}}}', number => 1), 3);
SELECT answer #>> '{reply,headers,Mcp-Session-Id}' AS session FROM test.answer WHERE number = 1 \gset
-- The session stores the client's capabilities for input requests, and nothing else.
SELECT capabilities FROM mcp_session WHERE session_id = :'session';
CREATE FUNCTION pg_temp.headers(session text) RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object('mcp-session-id', $1, 'mcp-protocol-version', '2025-11-25', 'accept', 'application/json, text/event-stream') $$;
CREATE FUNCTION pg_temp.call(session text, number bigint) RETURNS text LANGUAGE sql AS $$
SELECT left(test.post('{"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": {"name": "asks", "arguments": {"what": "?"}}}', pg_temp.headers(session), number => number), 5) $$;
-- Odoo's outcome: two questions, and the method's messages.
SELECT '{"error": {"type": "input_required", "message": "", "state": [1], "requests": {
    "name": {"method": "elicitation/create", "params": {"message": "Your name?", "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}}}},
    "age": {"method": "elicitation/create", "params": {"message": "Your age?", "requestedSchema": {"type": "object", "properties": {"age": {"type": "integer"}}}}}}},
    "notifications": [{"level": "info", "data": "asking"}]}' AS asks \gset
SELECT pg_temp.call(:'session', 2);
SELECT pg_temp.plain(test.resume(2, :'asks'));
SELECT test.audit(2);
SELECT count(*) FROM mcp_inflight_call;
SELECT stream FROM mcp_input_request \gset
SELECT session_id = :'session', request_id, request, answers, expires_at - timezone('UTC', now()) BETWEEN '9 min' AND '10 min' FROM mcp_input_request;

-- Resumed too early: the client must retry, and gets the events that it missed. The request has no message, so it
-- writes no row.
CREATE FUNCTION pg_temp.take(session text, last text, number bigint, key integer DEFAULT 1) RETURNS text LANGUAGE sql AS $$
SELECT pg_temp.plain(test.handle('{"http_method": "GET"}', pg_temp.headers(session) || jsonb_build_object('last-event-id', last), key, number)) $$;
SELECT pg_temp.take(:'session', :'stream' || '.2', 3);
SELECT pg_temp.take(:'session', :'stream' || '.1', 4);
SELECT count(*) FROM mcp_audit_log WHERE call_id IN (test.call_id(3)::uuid, test.call_id(4)::uuid);
-- Answers: a valid one, a second one to the same question, one to no question, and one from another session.
CREATE FUNCTION pg_temp.answer(session text, id text, result jsonb, number bigint DEFAULT nextval('test.number'), key integer DEFAULT 1) RETURNS text LANGUAGE sql AS $$
SELECT test.post(jsonb_build_object('jsonrpc', '2.0', 'id', id, 'result', result)::text, pg_temp.headers(session), key, number) $$;
SELECT pg_temp.answer(:'session', :'stream' || '/age', '{"action": "accept", "content": {"age": 5, "more": true}}', 5);
SELECT pg_temp.answer(:'session', :'stream' || '/age', '{"action": "decline"}');
SELECT pg_temp.answer(:'session', :'stream' || '/size', '{"action": "accept"}');
SELECT answers FROM mcp_input_request;
SELECT test.audit(5);
SELECT pg_temp.take(:'session', :'stream' || '.0', 6);
-- All questions are answered: Odoo runs the request with the answers. The stored request is deleted.
SELECT pg_temp.answer(:'session', :'stream' || '/name', '{"action": "cancel"}') <> '';
SELECT pg_temp.take(:'session', :'stream' || '.2', 7);
SELECT answer #> '{step,inputs}', answer #> '{step,input_state}', answer #> '{step,capabilities}' FROM test.answer WHERE number = 7;
SELECT request, question, answers FROM mcp_input_request;
SELECT test.resume(7, '{"result": "done"}');
SELECT test.audit(7);
SELECT pg_temp.take(:'session', :'stream' || '.2', 8);
SELECT test.audit(8);

-- Another session, and another user with this session.
SELECT pg_temp.call(:'session', 10);
SELECT test.resume(10, :'asks') <> '';
SELECT stream AS stream FROM mcp_input_request WHERE request IS NOT NULL \gset
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}}, "clientInfo": {"name": "c", "version": "1"}}}', number => 11), 3);
SELECT answer #>> '{reply,headers,Mcp-Session-Id}' AS other FROM test.answer WHERE number = 11 \gset
SELECT pg_temp.take(:'other', :'stream' || '.0', 12);
SELECT pg_temp.answer(:'other', :'stream' || '/age', '{"action": "decline"}');
SELECT pg_temp.take(:'session', :'stream' || '.0', 13, 2);
SELECT pg_temp.answer(:'session', :'stream' || '/age', '{"action": "decline"}', 14, 2);
SELECT answers FROM mcp_input_request WHERE stream = :'stream';

-- An invalid answer or an error ends the request, and so does the time limit.
SELECT pg_temp.answer(:'session', :'stream' || '/age', '{"action": "accept", "content": {"age": "old"}}');
SELECT pg_temp.take(:'session', :'stream' || '.2', 15);
SELECT test.audit(15);
UPDATE mcp_input_request SET answers = '{}' WHERE stream = :'stream';
SELECT test.post(jsonb_build_object('jsonrpc', '2.0', 'id', :'stream' || '/age', 'error', '{"code": -1, "message": "Gone."}'::jsonb)::text, pg_temp.headers(:'session'));
SELECT pg_temp.take(:'session', :'stream' || '.2', 16);
UPDATE mcp_input_request SET answers = '{}', expires_at = timezone('UTC', now()) WHERE stream = :'stream';
SELECT pg_temp.take(:'session', :'stream' || '.2', 17);
-- A request is deleted an hour after its end.
UPDATE mcp_input_request SET expires_at = timezone('UTC', now()) - interval '59 minutes' WHERE stream = :'stream';
SELECT mcp_maintain() <> '{}', count(*) FROM mcp_input_request;
UPDATE mcp_input_request SET expires_at = timezone('UTC', now()) - interval '61 minutes' WHERE stream = :'stream';
SELECT mcp_maintain() <> '{}';
SELECT count(*) FROM mcp_input_request WHERE stream = :'stream';

-- The client abandons the request.
SELECT pg_temp.call(:'session', 20);
SELECT test.resume(20, :'asks') <> '';
SELECT test.post('{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "5"}}', pg_temp.headers(:'session'), number => 21);
SELECT test.audit(21);
SELECT test.post('{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}}', pg_temp.headers(:'session'), number => 22);
SELECT test.audit(22);
SELECT count(*) FROM mcp_input_request WHERE request IS NOT NULL;

-- Clients that cannot be asked: without the capability, in another version, without a session, without accepting a
-- stream.
SELECT pg_temp.call(:'session', 30);
SELECT test.resume(30, replace(:'asks', 'elicitation/create', 'roots/list')::jsonb);
SELECT left(test.post('{"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": {"name": "asks"}}', pg_temp.headers(:'session') || '{"accept": "application/json"}', number => 31), 5);
SELECT test.resume(31, :'asks');
SELECT left(test.post('{"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": {"name": "asks"}}', pg_temp.headers(NULL), number => 32), 5);
SELECT test.resume(32, :'asks');
-- GET only resumes existing streams.
SELECT pg_temp.take(:'session', last, 40 + n) FROM unnest(ARRAY[NULL, '', '1', 'x.1', upper(:'stream') || '.1', :'stream' || '.x', :'stream', '{' || :'stream' || '}.1']) WITH ORDINALITY l (last, n);
SELECT test.handle('{"http_method": "GET"}', jsonb_build_object('last-event-id', :'stream' || '.1'));
DELETE FROM mcp_tool WHERE id = 60;
SELECT test.clear();
TRUNCATE mcp_input_request;

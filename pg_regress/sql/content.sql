-- Results of Odoo beyond plain values: content of every kind, structured results with schema validation, error results,
-- progress and log messages, and questions to the client.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
INSERT INTO mcp_tool (id, sequence, name, category, method, description, parameters, output_schema, active, read_only_hint) VALUES
    (50, 500, 'show', 'custom', '_tool_show', 'Show.', '{"type": "object", "properties": {"what": {"type": "string"}}}', NULL, true, false),
    (51, 510, 'count_it', 'custom', '_tool_count_it', 'Count.', '{"type": "object", "properties": {}}',
     '{"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}', true, false),
    (52, 520, 'other', 'custom', '_tool_show', 'Another.', '{"type": "object", "properties": {"what": {"type": "string"}}}', NULL, true, true);

-- One call in a version with the given outcome of Odoo. Returns the members of the result.
CREATE FUNCTION pg_temp.called(version text, tool text, outcome jsonb, headers jsonb DEFAULT '{}', meta jsonb DEFAULT '{}',
                               number bigint DEFAULT nextval('test.number'), params jsonb DEFAULT '{}', key integer DEFAULT 1) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    step text;
BEGIN
    params := jsonb_build_object('name', tool) || params;
    IF version = '2026-07-28' THEN
        step := test.modern('tools/call', params, headers, meta, key, number);
    ELSE
        step := test.post(jsonb_build_object('jsonrpc', '2.0', 'id', 1, 'method', 'tools/call', 'params', params || jsonb_build_object('_meta', meta))::text,
            jsonb_build_object('mcp-protocol-version', version) || headers, key, number);
    END IF;
    RETURN CASE WHEN step NOT LIKE 'step %' THEN 'NO STEP: ' || step ELSE test.resume(number, outcome) END;
END $$;
CREATE FUNCTION pg_temp.result(version text, tool text, outcome jsonb) RETURNS jsonb LANGUAGE sql AS
$$ SELECT substring(pg_temp.called(version, tool, outcome) FROM '\{.*\}')::jsonb -> 'result' $$;
-- Signed states differ from run to run.
CREATE FUNCTION pg_temp.unsealed(text) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace($1, '"requestState":"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}"', '"requestState":"<sealed>"') $$;
CREATE FUNCTION pg_temp.state(number bigint) RETURNS text LANGUAGE sql AS
$$ SELECT (answer -> 'reply' ->> 'body')::jsonb #>> '{result,requestState}' FROM test.answer a WHERE a.number = $1 $$;

-- Content of every kind in the form of each version.
SELECT version, pg_temp.result(version, 'show', '{"content": [{"type": "text", "text": "Hi"}, {"type": "image", "data": "aGk=", "mimeType": "image/png"},
    {"type": "audio", "data": "aGk=", "mimeType": "audio/wav"}, {"type": "resource", "resource": {"uri": "odoo://x/1", "mimeType": "text/csv", "text": "a,b"}},
    {"type": "resource_link", "uri": "odoo://x/2", "name": "two", "title": "Two"}]}') - '_meta'
FROM unnest('{2026-07-28,2025-11-25,2025-06-18,2025-03-26,2024-11-05}'::text[]) version;
-- Structured content: an object from 2025-06-18, any value in 2026-07-28, otherwise as text.
SELECT version, pg_temp.result(version, 'show', jsonb_build_object('content', '[{"type": "text", "text": "Hi"}]'::jsonb, 'structured', structured)) - '_meta'
FROM unnest('{2026-07-28,2025-06-18,2025-03-26}'::text[]) version, unnest(ARRAY['{"n": 1}', '[1]']::jsonb[]) structured;
SELECT version, pg_temp.result(version, 'show', '{"content": [], "structured": {"n": 1}}') - '_meta' FROM unnest('{2026-07-28,2024-11-05}'::text[]) version;

-- A result that cannot be sent is undone and returns as an error: the transaction of the change must roll back.
CREATE FUNCTION pg_temp.undone(number bigint, version text, tool text, outcome jsonb) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    step text := test.post(jsonb_build_object('jsonrpc', '2.0', 'id', 1, 'method', 'tools/call', 'params', jsonb_build_object('name', tool))::text,
        jsonb_build_object('mcp-protocol-version', version), number => number);
    state jsonb := (SELECT answer -> 'state' FROM test.answer a WHERE a.number = $1);
    undo jsonb := public.mcp_resume(state, outcome);
BEGIN
    RETURN NEXT test.show(undo);
    RETURN NEXT (SELECT count(*) FROM mcp_audit_log WHERE call_id = test.call_id($1)::uuid) || ' rows, '
        || (SELECT count(*) FROM mcp_inflight_call WHERE call_id = test.call_id($1)::uuid) || ' running';
    RETURN NEXT test.show(public.mcp_resume(state, jsonb_build_object('error', undo -> 'undo')));
    RETURN NEXT test.audit($1);
END $$;
SELECT pg_temp.undone(1, '2025-11-25', 'show', '{"content": [{"type": "text", "text": "Hi"}, {"type": "image", "data": "?", "mimeType": "image/png"}]}');
-- A read-only tool has changed nothing.
SELECT pg_temp.undone(2, '2025-11-25', 'other', '{"content": [{"type": "resource_link", "uri": "no uri", "name": "x"}]}');
-- A structured result that violates the tool's own schema is undone, and so is a missing one. The schema of a built-in
-- tool is not checked.
SELECT pg_temp.undone(3, '2025-11-25', 'count_it', '{"result": {"count": "many"}}');
SELECT pg_temp.undone(4, '2025-11-25', 'count_it', '{"result": "many"}');
SELECT pg_temp.undone(5, '2025-11-25', 'count_it', '{"content": [{"type": "text", "text": "many"}]}');
SELECT pg_temp.result('2026-07-28', 'count_it', '{"content": [{"type": "text", "text": "five"}], "structured": {"count": 5}}') - '_meta';
SELECT pg_temp.result('2026-07-28', 'count_it', '{"result": {"count": 5, "more": true}}') - '_meta';
BEGIN;
UPDATE mcp_tool SET output_schema = '{"type": "objekt"}' WHERE name = 'count_it';
SELECT pg_temp.undone(6, '2025-11-25', 'count_it', '{"result": {"count": 5}}');
ROLLBACK;

-- A method declares its result an error: Odoo has rolled it back. The client gets it unchanged, and the audit row has
-- an error. Its schema does not apply.
SELECT pg_temp.called('2026-07-28', 'count_it', '{"error": {"type": "error_result", "message": "", "content": [{"type": "text", "text": "No such shelf."},
    {"type": "image", "data": "aGk=", "mimeType": "image/png"}], "structured": {"shelf": 9}}}', number => 10);
SELECT test.audit(10);
SELECT pg_temp.called('2024-11-05', 'show', '{"error": {"type": "error_result", "message": "", "content": [{"type": "text", "text": "No."}], "structured": {"shelf": 9}}}');
SELECT pg_temp.called('2024-11-05', 'show', '{"error": {"type": "error_result", "message": "", "content": [{"type": "text"}]}}', number => 11);
SELECT test.audit(11);

-- The size limit: a read-only tool's answer becomes an error. A writing tool's change stays, and only its result is
-- omitted.
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.max_answer_kb', '10');
CREATE FUNCTION pg_temp.long() RETURNS jsonb LANGUAGE sql AS
$$ SELECT jsonb_build_object('content', jsonb_build_array(jsonb_build_object('type', 'image', 'data', repeat('aGlo', 4000), 'mimeType', 'image/png'))) $$;
SELECT pg_temp.called('2025-11-25', 'other', pg_temp.long());
SELECT pg_temp.called('2025-11-25', 'show', pg_temp.long());
-- Clients reject a result without structured content from a tool with an output schema, unless it is an error.
SELECT pg_temp.called('2025-11-25', 'count_it', jsonb_build_object('structured', jsonb_build_object('count', 1)) || pg_temp.long());
SELECT pg_temp.called('2025-11-25', 'show', jsonb_build_object('error', '{"type": "error_result", "message": ""}'::jsonb || pg_temp.long()));
ROLLBACK;

-- Progress and log messages precede the response in the same body, for clients that accept an event stream: progress
-- with a token, log messages from the chosen level.
CREATE FUNCTION pg_temp.told() RETURNS jsonb LANGUAGE sql AS
$$ SELECT '{"result": "done", "notifications": [{"progress": 0, "total": 100}, {"level": "debug", "data": "d"}, {"progress": 50, "total": 100, "message": "half"},
    {"level": "info", "data": {"rows": 3, "password": "hunter2"}, "logger": "stock"}, {"progress": 50}, {"progress": 100, "total": 100}, {"level": "error", "data": "e"}]}'::jsonb $$;
SELECT pg_temp.called('2026-07-28', 'show', pg_temp.told(), meta => '{"progressToken": "p-1"}');
SELECT pg_temp.called('2026-07-28', 'show', pg_temp.told(), meta => '{"io.modelcontextprotocol/logLevel": "error"}');
SELECT left(pg_temp.called('2026-07-28', 'show', pg_temp.told()), 60);
SELECT left(pg_temp.called('2026-07-28', 'show', pg_temp.told(), '{"accept": "application/json"}', '{"progressToken": 7}'), 60);
SELECT left(pg_temp.called('2026-07-28', 'show', pg_temp.told(), '{"accept": "*/*"}', '{"progressToken": 7}'), 60);
SELECT pg_temp.called('2024-11-05', 'show', pg_temp.told(), meta => '{"progressToken": 7}');
SELECT test.modern('tools/call', '{"name": "show"}', meta => '{"progressToken": 1.5}');
-- The session has a log level.
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}}', number => 20), 3);
SELECT answer #>> '{reply,headers,Mcp-Session-Id}' AS session FROM test.answer WHERE number = 20 \gset
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "logging/setLevel", "params": {"level": "warning"}}', jsonb_build_object('mcp-session-id', :'session')), 3);
SELECT pg_temp.called('2025-11-25', 'show', pg_temp.told(), jsonb_build_object('mcp-session-id', :'session'));
-- Messages of a failed call are sent too. An answer with its own HTTP status has no events.
SELECT pg_temp.called('2026-07-28', 'show', '{"error": {"type": "user_error", "message": "No."}, "notifications": [{"level": "info", "data": "looked"}]}', meta => '{"io.modelcontextprotocol/logLevel": "info"}');
SELECT pg_temp.called('2026-07-28', 'show', '{"error": {"type": "pool_full", "message": ""}, "notifications": [{"level": "info", "data": "looked"}]}', meta => '{"io.modelcontextprotocol/logLevel": "info"}');
-- Their total size is limited.
SELECT length(shown) < 1100000, shown ~ '"data":"x+…\[300000 bytes\]"', shown ~ '\d+ more messages of this call were too many' FROM (SELECT pg_temp.called('2026-07-28', 'show',
    jsonb_build_object('result', 'done', 'notifications', (SELECT jsonb_agg('{"level": "info"}'::jsonb || jsonb_build_object('data', repeat('x', 300000))) FROM generate_series(1, 40))),
    meta => '{"io.modelcontextprotocol/logLevel": "info"}') AS shown) AS _;

-- Questions. Odoo has rolled the call back, and the client is asked. The audit row says so, and no in-flight call
-- remains.
CREATE FUNCTION pg_temp.asks(state jsonb DEFAULT '{"step": 1}') RETURNS jsonb LANGUAGE sql AS
$$ SELECT jsonb_build_object('error', jsonb_build_object('type', 'input_required', 'message', '', 'state', state, 'requests', '{
    "name": {"method": "elicitation/create", "params": {"message": "Your name?", "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}},
    "folders": {"method": "roots/list", "params": {}}}'::jsonb)) $$;
CREATE FUNCTION pg_temp.able() RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}, "roots": {"listChanged": true}}}'::jsonb $$;
SELECT pg_temp.unsealed(pg_temp.called('2026-07-28', 'show', pg_temp.asks(), meta => pg_temp.able(), number => 30, params => '{"arguments": {"what": "tea"}}'));
SELECT test.audit(30);
SELECT count(*) FROM mcp_inflight_call;
SELECT pg_temp.state(30) AS state \gset
-- The same request with the answers runs again, with the answers and the state.
CREATE FUNCTION pg_temp.retry(state text, answers jsonb, arguments jsonb DEFAULT '{"what": "tea"}', tool text DEFAULT 'show', key integer DEFAULT 1,
                              number bigint DEFAULT nextval('test.number'), meta jsonb DEFAULT pg_temp.able()) RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.unsealed(test.modern('tools/call', jsonb_strip_nulls(jsonb_build_object('name', tool, 'arguments', arguments, 'inputResponses', answers,
    'requestState', state)), meta => meta, key => key, number => number)) $$;
CREATE FUNCTION pg_temp.answers() RETURNS jsonb LANGUAGE sql AS
$$ SELECT '{"name": {"action": "accept", "content": {"name": "Ann", "age": 5}}, "folders": {"roots": [{"uri": "file:///tea"}]}, "more": 1}'::jsonb $$;
SELECT pg_temp.retry(:'state', pg_temp.answers(), number => 31);
SELECT test.resume(31, '{"result": "Hello, Ann!"}');
SELECT test.audit(31);
-- Missing or invalid answers are requested again without a run. Valid ones are kept.
SELECT pg_temp.retry(:'state', '{"name": {"action": "accept", "content": {"name": 5}}, "folders": {"roots": []}}', number => 32);
SELECT test.audit(32);
SELECT (pg_temp.retry(pg_temp.state(32), '{"name": {"action": "decline"}}')::text) LIKE '%"inputs": {"name": {"action": "decline"}, "folders": {"roots": []}}%';
SELECT left(pg_temp.retry(:'state', NULL), 200);
-- A state is valid only with exactly the same request, user and credential. Altered states and other texts are refused.
SELECT pg_temp.retry(:'state', pg_temp.answers(), '{"what": "coffee"}', number => 33);
SELECT test.audit(33);
SELECT pg_temp.retry(:'state', pg_temp.answers(), '{}');
SELECT pg_temp.retry(:'state', pg_temp.answers(), tool => 'other');
SELECT pg_temp.retry(:'state', pg_temp.answers(), key => 2);
SELECT pg_temp.retry(:'state' || '-TAMPERED', pg_temp.answers());
SELECT pg_temp.retry(substr(:'state', 2), pg_temp.answers());
SELECT pg_temp.retry('', pg_temp.answers());
SELECT test.modern('prompts/get', jsonb_build_object('name', 'show', 'arguments', '{"what": "tea"}'::jsonb, 'requestState', :'state'), meta => pg_temp.able());
SELECT test.modern('tools/call', '{"name": "show", "requestState": 5}');
SELECT test.modern('tools/call', '{"name": "show", "inputResponses": [1]}');
SELECT test.modern('tools/call', '{"name": "show", "inputResponses": null}');
-- Methods that never ask ignore it.
SELECT left(test.modern('tools/list', '{"requestState": "x", "inputResponses": 5}'), 3);
-- The client is asked only what it has declared.
SELECT pg_temp.called('2026-07-28', 'show', pg_temp.asks(), meta => '{"io.modelcontextprotocol/clientCapabilities": {"sampling": {}, "elicitation": {"url": {}}}}', number => 34);
SELECT test.audit(34);
SELECT pg_temp.retry(:'state', '{}', meta => '{}');
-- Unrequested answers count once the method asks exactly that; then the method runs again.
SELECT left(test.modern('tools/call', '{"name": "show", "inputResponses": {"name": {"action": "cancel"}, "folders": {"roots": []}, "more": 5}}', meta => pg_temp.able(), number => 35), 4);
SELECT answer -> 'step' ? 'inputs' FROM test.answer WHERE number = 35;
SELECT test.resume(35, pg_temp.asks());
SELECT pg_temp.unsealed(test.resume(35, pg_temp.asks('{"step": 2}')));
SELECT test.audit(35);
SELECT count(*) FROM mcp_inflight_call WHERE call_id = test.call_id(35)::uuid;
SELECT left(test.modern('tools/call', '{"name": "show", "inputResponses": {"name": 12345}}', meta => pg_temp.able(), number => 36), 4);
SELECT pg_temp.unsealed(test.resume(36, pg_temp.asks()));
-- A question that cannot be asked is an error of its author.
SELECT pg_temp.called('2026-07-28', 'show', '{"error": {"type": "input_required", "message": "", "requests": {"x": {"method": "tools/call"}}, "state": null}}', meta => pg_temp.able());
-- Earlier versions have no such results. Without a session a client cannot be asked, and neither can an SQL caller.
SELECT pg_temp.called('2025-11-25', 'show', pg_temp.asks(), number => 37);
SELECT test.audit(37);
SELECT public.mcp_resume(public.mcp_dispatch_tool(2, 'show', '{}') -> 'state', pg_temp.asks());
-- Prompts ask like tools.
SELECT left(test.modern('prompts/get', '{"name": "made", "arguments": {"what": "tea"}}', meta => pg_temp.able(), key => 2, number => 38), 4);
SELECT pg_temp.unsealed(test.resume(38, pg_temp.asks()));
SELECT test.audit(38);
SELECT public.mcp_audit_verify() ->> 'ok';
DELETE FROM mcp_tool WHERE id >= 50;

-- Several messages in one body: in the versions that have them, each as if it had come alone.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();

-- As the addon does it: each message in an exchange of its own; null for the messages from `given` on, for which there was no time.
-- Calls of tools that Odoo must run get the outcome.
CREATE FUNCTION pg_temp.run(key integer, headers jsonb, step jsonb, given integer, outcome jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    replies jsonb := '[]';
    answer jsonb;
    message record;
BEGIN
    FOR message IN SELECT text, at FROM jsonb_array_elements_text(step -> 'messages') WITH ORDINALITY AS m (text, at) LOOP
        answer := NULL;
        IF message.at <= given THEN
            answer := public.mcp_handle(test.pass(key, headers),
                test.request(jsonb_build_object('body', message.text, 'in_batch', true), headers));
            IF answer ? 'step' THEN
                answer := public.mcp_resume(answer -> 'state', outcome);
            END IF;
        END IF;
        replies := replies || jsonb_build_array(answer -> 'reply');
    END LOOP;
    RETURN jsonb_build_object('replies', replies);
END $$;
CREATE FUNCTION pg_temp.batch(
    body text, headers jsonb DEFAULT '{}', key integer DEFAULT 1, given integer DEFAULT 50, outcome jsonb DEFAULT '{"result": {"count": 3}}'
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := public.mcp_handle(test.pass(key, headers), test.request(jsonb_build_object('body', body), headers));
BEGIN
    IF answer ? 'step' THEN
        answer := public.mcp_resume(answer -> 'state', pg_temp.run(key, headers, answer -> 'step', given, outcome));
    END IF;
    RETURN test.show(answer);
END $$;
CREATE FUNCTION pg_temp.rows() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT concat_ws(' ', method, status, http_status, error_code, protocol_version, tool, request, error) FROM mcp_audit_log ORDER BY id;
    PERFORM test.clear();
END $$;

-- The step: one text for each message, and the time for all. No row is written, since each message leaves its own; the
-- batch is only noted.
SELECT test.post('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "method": "x\u0000"}, [], 7]');
SELECT count(*) FROM mcp_audit_log;
SELECT count(*) FROM mcp_inflight_call;

SELECT test.clear();
-- Its process died after the first message: that has its row, and one row stands for those that were not begun.
SELECT left(test.post('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": 2, "method": "ping"}]', number => 5), 4);
SELECT test.handle('{"body": "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}", "in_batch": true}');
SELECT mcp_maintain() -> 'calls_died';
UPDATE mcp_inflight_call SET started = started - interval '1 day';
SELECT mcp_maintain() -> 'calls_died';
SELECT mcp_maintain() -> 'calls_died';
SELECT concat_ws(' ', method, status, error) FROM mcp_audit_log ORDER BY id;
SELECT test.clear();

-- Which versions have batches.
SELECT version, pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', jsonb_build_object('mcp-protocol-version', version))
FROM unnest('{2024-11-05,2025-03-26,NULL,2025-06-18,2025-11-25,2026-07-28,1.0}'::text[]) version;
SELECT * FROM pg_temp.rows();

-- Requests, notifications, responses and what is none of them; ids keep their type.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"},
    {"jsonrpc": "2.0", "id": "1", "method": "nobody/knows"}, {"jsonrpc": "2.0", "id": 5, "result": {}}, 7, {"id": 8}, {"jsonrpc": "2.0", "id": 9, "method": "ping", "params": []},
    [{"jsonrpc": "2.0", "id": 10, "method": "ping"}], {"jsonrpc": "2.0", "id": 11, "method": "tools/call", "params": {"name": "count", "arguments": {"model": "res.partner"}}}]');
SELECT * FROM pg_temp.rows();
SELECT count(*) FROM mcp_inflight_call;
-- Nobody waits for an answer.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "method": "notifications/initialized"}, {"jsonrpc": "2.0", "id": 5, "error": {"code": 1, "message": "no"}}]');
SELECT * FROM pg_temp.rows();

-- None, too many, one within another.
SELECT pg_temp.batch('[]');
SELECT pg_temp.batch('[' || repeat('{"jsonrpc": "2.0", "id": 1, "method": "ping"},', 50) || '7]');
SELECT length(regexp_replace(pg_temp.batch('[' || repeat('{"jsonrpc": "2.0", "id": 1, "method": "ping"},', 49) || '7]'), '"result":', '', 'g'));
SELECT method, status, error_code, count(*) FROM mcp_audit_log GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT test.clear();

-- initialize comes alone.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}},
    {"jsonrpc": "2.0", "id": 2, "method": "ping"}]');
SELECT count(*) FROM mcp_session;
SELECT * FROM pg_temp.rows();
-- The session decides which version is spoken.
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "old", "version": "1"}}}', number => 1), 3);
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "new", "version": "1"}}}', number => 2), 3);
SELECT jsonb_build_object('mcp-session-id', answer #>> '{reply,headers,Mcp-Session-Id}') AS old FROM test.answer WHERE number = 1 \gset
SELECT jsonb_build_object('mcp-session-id', answer #>> '{reply,headers,Mcp-Session-Id}') AS new FROM test.answer WHERE number = 2 \gset
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', :'old');
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', :'new');
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', :'old', 2);
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', :'old' || '{"mcp-protocol-version": "2025-11-25"}'::jsonb);
SELECT coalesce(client_name, 'none'), method, status, http_status FROM mcp_audit_log ORDER BY id;
SELECT test.clear();
-- A message of another era speaks for itself.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {}}}}]');
SELECT * FROM pg_temp.rows();

-- Messages for which there was no time: told so, with rows of their own.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": "b", "method": "tools/call", "params": {"name": "count"}},
    {"jsonrpc": "2.0", "method": "notifications/cancelled"}]', given => 1);
SELECT * FROM pg_temp.rows();

-- Replies are made one. Who was shut out altogether sees the status; errors that were made before the message was read get its id.
SELECT test.post('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": "b", "method": "ping"}]', number => 5);
SELECT test.resume(5, '{"replies": [{"status": 429, "headers": {"Content-Type": "application/json", "Retry-After": "3"}, "body": "{\"id\": null, \"error\": {}}"},
    {"status": 429, "headers": {}, "body": "{\"id\": null, \"error\": {}}"}]}');
SELECT test.post('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": "b", "method": "ping"}]', number => 5);
SELECT test.resume(5, '{"replies": [{"status": 200, "headers": {"Content-Type": "application/json"}, "body": "{\"id\": 1}"},
    {"status": 200, "headers": {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}, "body": "event: message\ndata: {\"id\":\"b\"}\n\n"}]}');
-- Not of the contract.
SELECT test.post('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', number => 5);
SELECT test.resume(5, '{"replies": []}');
SELECT test.resume(5, '{"reply": {}}');
-- A page of an allowed origin may read the whole.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', '{"origin": "http://localhost:6274"}');
SELECT test.clear();

-- Batches: several messages in one body. In the versions with batches, each is processed as if it had come alone.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();

-- Plays the addon: each message is an exchange of its own. Messages from `given` on, for which no time was left, get
-- null. Calls of tools that Odoo must run get the outcome.
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

-- The step contains one text for each message and the time limit for all. It writes no audit row, since each message
-- writes its own. The batch itself is only recorded as in-flight.
SELECT test.post('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "method": "x\u0000"}, [], 7]');
SELECT count(*) FROM mcp_audit_log;
SELECT count(*) FROM mcp_inflight_call;

SELECT test.clear();
-- The process died after the first message. That message has its row, and one row stands for the messages that never
-- started.
SELECT left(test.post('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": 2, "method": "ping"}]', number => 5), 4);
SELECT test.handle('{"body": "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}", "in_batch": true}');
SELECT mcp_maintain() -> 'calls_died';
UPDATE mcp_inflight_call SET started = started - interval '1 day';
SELECT mcp_maintain() -> 'calls_died';
SELECT mcp_maintain() -> 'calls_died';
SELECT concat_ws(' ', method, status, error) FROM mcp_audit_log ORDER BY id;
SELECT test.clear();

-- The versions with batches.
SELECT version, pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', jsonb_build_object('mcp-protocol-version', version))
FROM unnest('{2024-11-05,2025-03-26,NULL,2025-06-18,2025-11-25,2026-07-28,1.0}'::text[]) version;
SELECT * FROM pg_temp.rows();

-- Requests, notifications, responses and invalid messages. Ids keep their type.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"},
    {"jsonrpc": "2.0", "id": "1", "method": "nobody/knows"}, {"jsonrpc": "2.0", "id": 5, "result": {}}, 7, {"id": 8}, {"jsonrpc": "2.0", "id": 9, "method": "ping", "params": []},
    [{"jsonrpc": "2.0", "id": 10, "method": "ping"}], {"jsonrpc": "2.0", "id": 11, "method": "tools/call", "params": {"name": "count", "arguments": {"model": "res.partner"}}}]');
SELECT * FROM pg_temp.rows();
SELECT count(*) FROM mcp_inflight_call;
-- Without a request, the batch has no response.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "method": "notifications/initialized"}, {"jsonrpc": "2.0", "id": 5, "error": {"code": 1, "message": "no"}}]');
SELECT * FROM pg_temp.rows();

-- An empty batch, too many messages, and a batch within a batch.
SELECT pg_temp.batch('[]');
SELECT pg_temp.batch('[' || repeat('{"jsonrpc": "2.0", "id": 1, "method": "ping"},', 50) || '7]');
SELECT length(regexp_replace(pg_temp.batch('[' || repeat('{"jsonrpc": "2.0", "id": 1, "method": "ping"},', 49) || '7]'), '"result":', '', 'g'));
SELECT method, status, error_code, count(*) FROM mcp_audit_log GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT test.clear();

-- initialize must come alone.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}},
    {"jsonrpc": "2.0", "id": 2, "method": "ping"}]');
SELECT count(*) FROM mcp_session;
SELECT * FROM pg_temp.rows();
-- The session determines the protocol version.
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
-- A message of another era states its own version.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {}}}}]');
SELECT * FROM pg_temp.rows();

-- Messages for which no time was left: each gets an error and its own row.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": "b", "method": "tools/call", "params": {"name": "count"}},
    {"jsonrpc": "2.0", "method": "notifications/cancelled"}]', given => 1);
SELECT * FROM pg_temp.rows();

-- The replies are merged. A caller who was refused altogether sees the status. Errors from before the message was
-- parsed get its id.
SELECT test.post('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": "b", "method": "ping"}]', number => 5);
SELECT test.resume(5, '{"replies": [{"status": 429, "headers": {"Content-Type": "application/json", "Retry-After": "3"}, "body": "{\"id\": null, \"error\": {}}"},
    {"status": 429, "headers": {}, "body": "{\"id\": null, \"error\": {}}"}]}');
SELECT test.post('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "id": "b", "method": "ping"}]', number => 5);
SELECT test.resume(5, '{"replies": [{"status": 200, "headers": {"Content-Type": "application/json"}, "body": "{\"id\": 1}"},
    {"status": 200, "headers": {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}, "body": "event: message\ndata: {\"id\":\"b\"}\n\n"}]}');
-- Violations of the contract with the addon.
SELECT test.post('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', number => 5);
SELECT test.resume(5, '{"replies": []}');
SELECT test.resume(5, '{"reply": {}}');
-- A page of an allowed origin may read the whole answer.
SELECT pg_temp.batch('[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', '{"origin": "http://localhost:6274"}');
SELECT test.clear();

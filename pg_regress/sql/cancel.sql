-- notifications/cancelled: the row `cancelled` settles a running call, whichever process runs it.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
CREATE FUNCTION pg_temp.session(key integer, number integer) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "regress", "version": "1"}}}',
        key => key, number => number);
    RETURN (SELECT jsonb_build_object('mcp-session-id', answer #>> '{reply,headers,Mcp-Session-Id}') FROM test.answer a WHERE a.number = $2);
END $$;
-- A call of a tool that Odoo must run.
CREATE FUNCTION pg_temp.call(id text, headers jsonb, key integer, number integer) RETURNS text LANGUAGE sql AS $$
SELECT left(test.post(format('{"jsonrpc": "2.0", "id": %s, "method": "tools/call", "params": {"name": "write", "arguments": {"model": "res.partner", "ids": [6], "values": "{\"name\": \"x\"}"}}}', id),
    headers, key, number), 4)
$$;
CREATE FUNCTION pg_temp.cancel(params text, headers jsonb, key integer, number bigint DEFAULT nextval('test.number')) RETURNS text LANGUAGE sql AS $$
SELECT test.post(format('{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": %s}', params), headers, key, number)
$$;
-- The outcomes of calls and notifications.
CREATE FUNCTION pg_temp.rows() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT concat_ws(' ', method, tool, status, http_status, error_code, error) FROM mcp_audit_log WHERE method <> 'initialize' ORDER BY id;
    PERFORM set_config('odoo_mcp.audit_retention', 'on', true);
    DELETE FROM mcp_audit_log;
    DELETE FROM mcp_inflight_call;
END $$;
SELECT pg_temp.session(1, 1) AS admin \gset
SELECT pg_temp.session(1, 2) AS second \gset
SELECT pg_temp.session(2, 3) AS demo \gset

-- The id must match the call's id, including its type. Unknown members do not matter.
SELECT pg_temp.call('7', :'admin', 1, 10);
SELECT pg_temp.cancel('{"requestId": 7, "reason": "enough", "x": 1}', :'admin', 1);
SELECT * FROM pg_temp.rows();
SELECT pg_temp.call('"7"', :'admin', 1, 10);
SELECT pg_temp.cancel('{"requestId": 7}', :'admin', 1);
SELECT pg_temp.cancel('{"requestId": "7"}', :'admin', 1);
SELECT * FROM pg_temp.rows();
-- No one else can cancel: another session of the same key, another key, another user, a call without session.
SELECT pg_temp.call('7', :'admin', 1, 10);
SELECT pg_temp.cancel('{"requestId": 7}', :'second', 1);
SELECT pg_temp.cancel('{"requestId": 7}', '{}', 1);
SELECT pg_temp.cancel('{"requestId": 7}', :'demo', 2);
SELECT left(pg_temp.cancel('{"requestId": 7}', :'admin', 2), 3);
SELECT pg_temp.cancel('{"requestId": 7}', '{"mcp-protocol-version": "2026-07-28"}', 1);
SELECT pg_temp.cancel('{"requestId": 8}', :'admin', 1);
SELECT * FROM pg_temp.rows();
-- Parameters that name no request.
SELECT pg_temp.cancel(params, :'admin', 1) FROM unnest(ARRAY['{}', '{"requestId": null}', '{"requestId": [7]}', '{"requestId": {}}']) params;
SELECT * FROM pg_temp.rows();

-- Without a session: the same client program at the same address, and only if exactly one call matches.
SELECT pg_temp.call('7', '{}', 1, 10);
SELECT pg_temp.cancel('{"requestId": 7}', '{"user-agent": "other/1"}', 1);
SELECT pg_temp.cancel('{"requestId": 7}', '{}', 3);
SELECT pg_temp.cancel('{"requestId": 7}', '{"mcp-protocol-version": "2026-07-28"}', 1);
SELECT * FROM pg_temp.rows();
SELECT pg_temp.call('7', '{}', 1, 10);
SELECT pg_temp.call('7', '{}', 1, 11);
SELECT pg_temp.cancel('{"requestId": 7}', '{}', 1);
SELECT * FROM pg_temp.rows();

-- The effect on the call: its transaction can no longer write its row ...
SELECT pg_temp.call('7', :'admin', 1, 10);
SELECT pg_temp.cancel('{"requestId": 7}', :'admin', 1);
SELECT test.resume(10, '{"result": {"ids": [6]}}');
-- ... and after any failure its client learns the reason.
SELECT test.resume(10, '{"error": {"type": "died", "message": ""}}');
SELECT * FROM pg_temp.rows();
SELECT pg_temp.call('"x"', :'admin', 1, 10);
SELECT pg_temp.cancel('{"requestId": "x"}', :'admin', 1);
SELECT test.resume(10, '{"error": {"type": "timeout", "message": "", "sqlstate": "57014", "committed": true}}');
SELECT count(*) FROM mcp_inflight_call;
SELECT * FROM pg_temp.rows();
-- Twice, and too late.
SELECT pg_temp.call('7', :'admin', 1, 10);
SELECT pg_temp.cancel('{"requestId": 7}', :'admin', 1);
SELECT pg_temp.cancel('{"requestId": 7}', :'admin', 1);
SELECT left(test.resume(10, '{"error": {"type": "died", "message": ""}}'), 60);
SELECT pg_temp.cancel('{"requestId": 7}', :'admin', 1);
SELECT * FROM pg_temp.rows();
SELECT pg_temp.call('7', :'admin', 1, 10);
SELECT left(test.resume(10, '{"result": {"ids": [6]}}'), 3);
SELECT pg_temp.cancel('{"requestId": 7}', :'admin', 1);
SELECT * FROM pg_temp.rows();
-- The row has the call's data as far as they were known.
SELECT pg_temp.call('7', :'admin', 1, 10);
SELECT pg_temp.cancel('{"requestId": 7}', :'admin', 1);
SELECT test.audit(10);
SELECT mcp_audit_verify() -> 'ok';
-- The call's process died: maintenance finds the call settled.
UPDATE mcp_inflight_call SET started = started - interval '1 day';
SELECT mcp_maintain() -> 'calls_died';
SELECT count(*) FROM mcp_inflight_call;
SELECT * FROM pg_temp.rows();

-- In 2026-07-28 the client closes the connection. The step tells the addon to watch it; other steps do not.
SELECT test.modern('tools/call', '{"name": "count", "arguments": {"model": "res.partner"}}', number => 10) LIKE '%"cancel_on_close": true%';
SELECT mcp_resume(answer -> 'state', '{"error": {"type": "closed"}}') FROM test.answer WHERE number = 10;
SELECT mcp_resume(answer -> 'state', '{"error": {"type": "closed"}}') FROM test.answer WHERE number = 10;
SELECT test.resume(10, '{"error": {"type": "died", "message": ""}}');
SELECT * FROM pg_temp.rows();
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "count", "arguments": {"model": "res.partner"}}}', :'admin', number => 10) LIKE '%cancel_on_close%';
SELECT test.clear();

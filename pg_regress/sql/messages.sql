-- JSON-RPC messages of every shape.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();

-- Invalid JSON.
SELECT test.post('');
SELECT test.post('   ');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"} {}');
SELECT test.post('{''jsonrpc'': ''2.0''}');
SELECT test.post('{"jsonrpc": "2.0", "id": NaN, "method": "ping"}');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "\ud800"}');
-- JSON of another shape. The answer has the message's id, if any.
SELECT body, test.post(body) FROM unnest(ARRAY['null', '5', '"ping"', 'true', '{}', '{"jsonrpc": "1.0", "id": 1, "method": "ping"}',
    '{"id": 1, "method": "ping"}', '{"jsonrpc": "2.0", "id": 1}', '{"jsonrpc": "2.0", "id": 1, "method": 5}',
    '{"jsonrpc": "2.0", "id": null, "method": "ping"}', '{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}', '{"jsonrpc": "2.0", "id": {}, "method": "ping"}',
    '{"jsonrpc": "2.0", "id": true, "method": "ping"}', '{"jsonrpc": "2.0", "id": "x", "method": "ping", "params": []}',
    '{"jsonrpc": "2.0", "id": "x", "method": "ping", "params": null}', '{"jsonrpc": "2.0", "id": 1, "method": "ping", "parameters": {}}']) body;
-- Ids keep their type and their digits.
SELECT id, test.post(format('{"jsonrpc": "2.0", "id": %s, "method": "ping"}', id)) FROM unnest(ARRAY['0', '-1', '9007199254740993', '9223372036854775807',
    '18446744073709551615', '18446744073709551616', '1e3', '""', '"1"', '"\u00fc \u2028"']) id;
-- Integers in arguments beyond 64 bits are refused, never rounded.
SELECT test.tool('read', '{"model": "res.partner", "ids": [123456789012345678901234567890]}');
SELECT test.tool('search', '{"model": "res.partner", "limit": 123456789012345678901234567890}');
SELECT test.tool('search', '{"model": "res.partner", "domain": [["color", "=", 123456789012345678901234567890]]}');
SELECT test.tool('search', '{"model": "res.partner", "domain": [["color", "=", 9007199254740993]]}');

-- NUL characters: JSON can contain them, PostgreSQL cannot.
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"model": "res\u0000partner"}}}');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"mo\u0000del": 1}}}');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "read", "arguments": {"ids": [1, [2, "\u0000"]]}}}');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "pi\u0000ng"}');
SELECT test.post('{"jsonrpc": "2.0", "id": "a\u0000", "method": "ping"}');
SELECT test.tool('search', '{"model": "res.partner", "domain": "[[\"name\", \"=\", \"a\\u0000b\"]]"}');
SELECT test.tool('create', '{"model": "res.partner", "values": "{\"name\": \"a\\u0000b\"}"}');
-- Nesting depth.
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"a": ' || repeat('[', 200) || repeat(']', 200) || '}}');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"a": ' || repeat('[', 100) || repeat(']', 100) || '}}');
SELECT test.post(repeat('[', 100000));
SELECT test.post(repeat('{"a":', 100000));

-- Bytes that are not valid text arrive as base64.
SELECT test.handle(jsonb_build_object('body_base64', encode('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', 'base64')));
SELECT test.handle(jsonb_build_object('body_base64', encode('{"jsonrpc": "2.0", "id": 1, "method": "'::bytea || '\xff'::bytea || '"}'::bytea, 'base64')));
SELECT test.handle(jsonb_build_object('body_base64', encode('{"a": "'::bytea || '\x00'::bytea || '"}'::bytea, 'base64')));
-- A body that did not arrive.
SELECT test.handle('{"body_error": {"kind": "truncated", "expected": 100, "received": 7}}');
SELECT test.handle('{"body_error": {"kind": "too_large", "limit": 10000000}}');
SELECT test.handle('{"body_error": {"kind": "malformed"}}');
SELECT test.handle('{}');
-- The content type, and the types that the client accepts.
SELECT type, left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', jsonb_build_object('content-type', type)), 120)
FROM unnest(ARRAY['application/json', 'Application/JSON; charset=utf-8', 'text/plain', 'application/x-www-form-urlencoded', '']) type;
SELECT accept, left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', jsonb_build_object('accept', accept)), 120)
FROM unnest(ARRAY['application/json', 'text/event-stream, application/json;q=0.9', '*/*', 'application/*', '', 'text/event-stream', 'text/html']) accept;
SELECT encoding, left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', jsonb_build_object('content-encoding', encoding)), 120)
FROM unnest(ARRAY['identity', 'gzip', '']) encoding;
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', '{"mcp-session-id": {"base64": "/w=="}}');

-- Each of these messages has written its row, and none caused a server error.
SELECT status, http_status, error_code, count(*) FROM mcp_audit_log WHERE status = 'failed' OR http_status >= 500 GROUP BY 1, 2, 3;
-- Violations of the contract: an error for the addon.
SELECT mcp_handle('{}', test.request('{"body": ""}'));
SELECT mcp_handle(test.pass(1), '{"body": ""}');
SELECT mcp_handle(test.pass(1), test.request('{"body_error": {"kind": "odd"}}'));

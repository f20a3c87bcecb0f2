-- 2026-07-28: no handshake and no session. Every request has metadata and headers.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();

-- server/discover.
SELECT test.modern('server/discover');
-- Lists state how long they may be cached, results of calls do not. Both are complete and name the server.
SELECT left(test.modern('tools/list', number => 1), 3);
SELECT ((answer -> 'reply' ->> 'body')::jsonb -> 'result') - '{tools,_meta}'::text[], jsonb_array_length((answer -> 'reply' ->> 'body')::jsonb #> '{result,tools}'),
       (answer -> 'reply' ->> 'body')::jsonb #> '{result,_meta}' ? 'io.modelcontextprotocol/serverInfo' FROM test.answer WHERE number = 1;
SELECT test.modern('tools/call', '{"name": "list_models", "arguments": {"search": "order line"}}', key => 10);
SELECT test.modern('tools/call', '{"name": "search", "arguments": {}}');
SELECT test.modern('tools/call', '{"name": "count", "arguments": {"model": "res.partner"}}', number => 2);
SELECT test.resume(2, '{"result": {"count": 3}}');
SELECT test.modern('tools/call', '{"name": "count", "arguments": {"model": "res.partner"}}', number => 3);
SELECT test.resume(3, '{"error": {"type": "access_error", "message": "You may not."}}');

-- The errors, in the order in which they are checked. The id is always echoed.
-- 1. Metadata: missing version, missing capabilities, wrong shapes.
SELECT test.post('{"jsonrpc": "2.0", "id": 7, "method": "tools/list"}', '{"mcp-protocol-version": "2026-07-28"}');
SELECT test.post('{"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {"_meta": []}}', '{"mcp-protocol-version": "2026-07-28"}');
SELECT test.modern('tools/list', meta => '{"io.modelcontextprotocol/protocolVersion": null}');
SELECT test.modern('tools/list', meta => '{"io.modelcontextprotocol/protocolVersion": 20260728}');
SELECT test.modern('tools/list', meta => '{"io.modelcontextprotocol/clientCapabilities": null}');
SELECT test.modern('tools/list', meta => '{"io.modelcontextprotocol/clientCapabilities": []}');
-- Metadata errors take precedence over all others.
SELECT test.modern('nobody/knows', headers => '{"mcp-protocol-version": "2025-06-18", "mcp-method": null}', meta => '{"io.modelcontextprotocol/clientCapabilities": null}');
-- 2. The version header against the metadata.
SELECT test.modern('tools/list', headers => '{"mcp-protocol-version": null}');
SELECT test.modern('tools/list', headers => '{"mcp-protocol-version": "2025-11-25"}');
SELECT test.modern('tools/list', headers => '{"mcp-protocol-version": "2099-01-01", "mcp-method": null}');
-- 3. The version: the requested and the supported ones.
SELECT test.modern('tools/list', headers => '{"mcp-protocol-version": "2099-01-01", "mcp-method": null}', meta => '{"io.modelcontextprotocol/protocolVersion": "2099-01-01"}');
SELECT test.modern('tools/list', headers => '{"mcp-protocol-version": "2025-11-25"}', meta => '{"io.modelcontextprotocol/protocolVersion": "2025-11-25"}');
-- 4. Mcp-Method, then Mcp-Name. Values are case-sensitive; surrounding white space is ignored.
SELECT test.modern('nobody/knows', headers => '{"mcp-method": null}');
SELECT test.modern('tools/list', headers => '{"mcp-method": "Tools/List"}');
SELECT left(test.modern('tools/list', headers => '{"mcp-method": " tools/list\t"}'), 3);
SELECT test.modern('tools/call', '{"name": "count"}', '{"mcp-name": null}');
SELECT test.modern('tools/call', '{"name": "count"}', '{"mcp-name": "search"}');
SELECT test.modern('tools/call', '{"name": "count"}', '{"mcp-name": "=?base64?Y291bnQ=?="}');
SELECT test.modern('tools/call', '{"name": "count"}', '{"mcp-name": "=?base64?c2VhcmNo?="}');
SELECT test.modern('tools/call', '{"name": "count"}', '{"mcp-name": "=?base64?Y291bnQ?="}');
SELECT test.modern('tools/call', '{"name": "count"}', '{"mcp-name": "=?base64?/w==?="}');
SELECT test.modern('tools/call', '{"name": "count"}', '{"mcp-name": "=?base64?#?="}');
SELECT test.modern('tools/call', '{"name": "count"}', '{"mcp-name": {"base64": "/w=="}}');
SELECT test.modern('prompts/get', '{"name": "hello"}', '{"mcp-name": null}');
SELECT test.modern('resources/read', '{"uri": "odoo://x"}', '{"mcp-name": "odoo://y"}');
SELECT test.modern('tools/call', '{"name": "größe"}', '{"mcp-name": "größe"}');
-- Arguments in headers: every given argument must be repeated, and no other.
BEGIN;
UPDATE mcp_tool SET parameters = '{"type": "object", "properties": {"model": {"type": "string", "x-mcp-header": "Model"}, "depth": {"type": "integer",
    "x-mcp-header": "Depth"}, "domain": {"type": "string"}}}' WHERE name = 'count';
CREATE FUNCTION pg_temp.mirrored(arguments jsonb, headers jsonb) RETURNS text LANGUAGE sql AS
$$ SELECT test.modern('tools/call', jsonb_build_object('name', 'count', 'arguments', arguments), headers) $$;
SELECT left(pg_temp.mirrored('{"model": "res.partner"}', '{"mcp-param-model": "res.partner"}'), 4);
SELECT left(pg_temp.mirrored('{"model": "res.partner", "depth": null}', '{"mcp-param-model": "=?base64?cmVzLnBhcnRuZXI=?=", "mcp-param-unknown": "x"}'), 4);
SELECT pg_temp.mirrored('{"model": "res.partner"}', '{}');
SELECT pg_temp.mirrored('{"model": "res.partner"}', '{"mcp-param-model": "res.users"}');
SELECT pg_temp.mirrored('{"model": "res.partner"}', '{"mcp-param-model": "=?base64?cmVzLnBhcnRuZXI?="}');
SELECT pg_temp.mirrored('{"model": "res.partner"}', '{"mcp-param-model": {"base64": "/w=="}}');
SELECT pg_temp.mirrored('{"model": "res.partner"}', '{"mcp-param-model": "res.partner", "mcp-param-depth": "1"}');
SELECT left(pg_temp.mirrored('{"model": "res.partner", "depth": 2}', '{"mcp-param-model": "res.partner", "mcp-param-depth": "2.0"}'), 4);
SELECT pg_temp.mirrored('{"model": "res.partner", "depth": 2}', '{"mcp-param-model": "res.partner", "mcp-param-depth": "3"}');
-- They are compared with the client's values before any other check.
SELECT pg_temp.mirrored('{"model": ["res.partner"]}', '{"mcp-param-model": "res.partner"}');
SELECT left(pg_temp.mirrored('{"modle": "res.partner"}', '{}'), 60);
-- Older versions have no such headers.
SELECT test.brief(public.mcp_handle(test.pass(1), test.request(jsonb_build_object('body', '{"jsonrpc": "2.0", "id": 1, "method": "tools/call",
    "params": {"name": "count", "arguments": {"model": "res.partner"}}}'), '{"mcp-protocol-version": "2025-11-25"}')));
-- The administrator must fix an annotation that breaks the rules.
UPDATE mcp_tool SET parameters = '{"type": "object", "properties": {"model": {"type": "array", "x-mcp-header": "Model"}}}' WHERE name = 'count';
SELECT pg_temp.mirrored('{}', '{}');
ROLLBACK;
-- The log level is one of eight.
SELECT left(test.modern('tools/list', meta => '{"io.modelcontextprotocol/logLevel": "info"}'), 3);
SELECT test.modern('tools/list', meta => '{"io.modelcontextprotocol/logLevel": "loud"}');
SELECT test.modern('tools/list', meta => '{"io.modelcontextprotocol/logLevel": 5}');
-- 5. The method: 404, also for those that this version has removed.
SELECT method, split_part(test.modern(method), ' Did', 1) FROM unnest('{nobody/knows,initialize,ping,logging/setLevel,resources/subscribe,subscriptions/listen}'::text[]) method;
-- 6. Its parameters: 200.
SELECT test.modern('tools/call', '{}');
SELECT test.modern('tools/call', '{"name": 7}', '{"mcp-name": null}');
SELECT test.modern('tools/call', '{"name": "cuont"}');
SELECT test.modern('tools/call', '{"name": "count", "arguments": [1]}');
SELECT test.modern('tools/list', '{"cursor": "x"}');

-- Notifications are accepted without a body. Their headers are optional, but must agree with the body.
SELECT test.post('{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1, "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {}}}}', '{"mcp-protocol-version": "2026-07-28", "mcp-method": "notifications/cancelled"}');
CREATE FUNCTION pg_temp.notify(headers jsonb) RETURNS text LANGUAGE sql AS
$$ SELECT test.post('{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}', headers) $$;
SELECT pg_temp.notify('{"mcp-protocol-version": "2026-07-28"}');
SELECT pg_temp.notify('{"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call"}');
SELECT pg_temp.notify('{"mcp-protocol-version": "2099-01-01"}');
SELECT test.post('{"jsonrpc": "2.0", "method": "notifications/x", "params": {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}}', '{"mcp-protocol-version": "2025-11-25"}');
-- A session header is ignored and no session is created, even if the administrator requires sessions.
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.require_session', 'True');
SELECT left(test.modern('tools/list', headers => '{"mcp-session-id": "nobody", "last-event-id": "5"}'), 3);
ROLLBACK;
SELECT count(*) FROM mcp_session;
-- The client's information is recorded but optional.
SELECT left(test.modern('tools/list', meta => '{"io.modelcontextprotocol/clientInfo": {"name": "regress", "version": "2"}}', number => 4), 3);
SELECT left(test.modern('tools/list', meta => '{"io.modelcontextprotocol/clientInfo": 5}', number => 5), 3);
SELECT test.audit(4);
SELECT test.audit(5);
-- GET and DELETE are not supported.
SELECT left(test.handle('{"http_method": "GET"}', '{"mcp-protocol-version": "2026-07-28"}'), 3);
SELECT left(test.handle('{"http_method": "DELETE"}', '{"mcp-protocol-version": "2026-07-28", "mcp-session-id": "x"}'), 18);
SELECT method, left(test.handle(jsonb_build_object('http_method', method), '{"mcp-protocol-version": "2026-07-28"}'), 18) FROM unnest('{HEAD,PUT,PATCH}'::text[]) method;

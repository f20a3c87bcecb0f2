-- The handshake versions: initialize, sessions, ping, notifications, lists, DELETE.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();

-- initialize in each version, and in an unknown one: the answer has the newest handshake version, never a modern one.
SELECT version, test.post(format('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": %s, "capabilities": {},
    "clientInfo": {"name": "regress", "version": "1"}}}', to_json(version)))
FROM unnest('{2024-11-05,2025-03-26,2025-06-18,2025-11-25,2026-07-28,2024-10-07,"",next}'::text[]) version;
-- The instructions are short.
SELECT length((answer -> 'reply' ->> 'body')::json #>> '{result,instructions}') BETWEEN 50 AND 1000 FROM test.answer ORDER BY number DESC LIMIT 1;
-- A header with another handshake version changes nothing. A header with a modern one makes the request modern.
SELECT left(test.post('{"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
    "clientInfo": {"name": "regress", "version": "1"}}}', '{"mcp-protocol-version": "2025-11-25"}'), 130);
SELECT test.post('{"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
    "clientInfo": {"name": "regress", "version": "1"}}}', '{"mcp-protocol-version": "2026-07-28"}');
-- Client information may contain unknown members.
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25",
    "capabilities": {"roots": {"listChanged": true}, "elicitation": {"url": {}}, "tasks": {}, "experimental": {"x": {}}}, "_meta": {"x/y": 1},
    "clientInfo": {"name": "regress", "title": "Regress", "version": "1", "description": "x", "websiteUrl": "https://x", "icons": []}}}'), 28);
-- Icons must use HTTPS.
BEGIN;
UPDATE ir_config_parameter SET value = 'http://odoo.example.com' WHERE key = 'web.base.url';
SELECT ((answer -> 'reply' ->> 'body')::jsonb #> '{result,serverInfo}') - 'version' FROM (SELECT public.mcp_handle(test.pass(1), test.request(jsonb_build_object('body',
    '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}'))) AS answer) a;
ROLLBACK;
-- The instructions describe what the user has, and end with the administrator's own text.
CREATE FUNCTION pg_temp.instructions(key integer) RETURNS text LANGUAGE sql AS $$
SELECT (public.mcp_handle(test.pass(key), test.request(jsonb_build_object('body', '{"jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}'))) -> 'reply' ->> 'body')::jsonb #>> '{result,instructions}'
$$;
SELECT pg_temp.instructions(2);
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.instructions', E' Amounts are in EUR.\nAsk before you write. ');
UPDATE mcp_tool SET active = false WHERE read_only_hint IS NOT TRUE OR name = 'search';
UPDATE mcp_tool SET name = 'models' WHERE name = 'list_models';
SELECT pg_temp.instructions(2);
UPDATE mcp_tool SET active = false WHERE name <> 'administrators_only';
SELECT pg_temp.instructions(2);
SELECT length(pg_temp.instructions(1)) < 400;
UPDATE ir_config_parameter SET value = repeat('x', 5000) WHERE key = 'odoo_mcp.instructions';
SELECT length(regexp_replace(pg_temp.instructions(2), '[^x]', '', 'g'));
ROLLBACK;
-- The required parameters of initialize.
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize"}');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": 20250618, "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": [], "clientInfo": {"name": "x", "version": "1"}}}');
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x"}}}');

-- The session is bound to user and key, and stores the client information.
SELECT test.clear();
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.session_hours', '2');
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
    "clientInfo": {"name": "regress", "version": "1.5"}}}', number => 1), 30);
SELECT user_id, api_key_id, protocol_version, client_name, client_version, remote_addr, user_agent, expires_at - last_seen, create_date = last_seen,
       closed_at, session_id ~ '^[\x21-\x7e]{36}$', create_date > timezone('UTC', now()) - interval '1 minute' AND create_date < timezone('UTC', clock_timestamp())
FROM mcp_session;
DELETE FROM ir_config_parameter WHERE key = 'odoo_mcp.session_hours';
SELECT answer -> 'reply' -> 'headers' ->> 'Mcp-Session-Id' AS session FROM test.answer WHERE number = 1 \gset
SELECT jsonb_build_object('mcp-session-id', :'session', 'mcp-protocol-version', '2025-06-18') AS headers \gset
SELECT session_id = :'session' FROM mcp_session;

-- ping, with the session and without: a client that loses the header is still served.
SELECT test.post('{"jsonrpc": "2.0", "id": 2, "method": "ping"}', :'headers');
SELECT test.post('{"jsonrpc": "2.0", "id": "two", "method": "ping", "params": {}}');
SELECT test.post('{"jsonrpc": "2.0", "id": 3, "method": "ping"}', jsonb_set(:'headers', '{mcp-session-id}', to_jsonb(' ' || :'session' || E'\t')));
-- Notifications and responses: accepted with an empty answer, and never run.
SELECT test.post('{"jsonrpc": "2.0", "method": "notifications/initialized"}', :'headers');
SELECT test.post('{"jsonrpc": "2.0", "method": "notifications/nobody_knows", "params": {"a": 1}}', :'headers');
SELECT test.post('{"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "unlink", "arguments": {"model": "res.partner", "ids": [6]}}}', :'headers');
SELECT test.post('{"jsonrpc": "2.0", "id": 9, "result": {}}', :'headers');
SELECT test.post('{"jsonrpc": "2.0", "id": 9, "error": {"code": 1, "message": "no"}}', :'headers');
SELECT count(*) FROM mcp_inflight_call;
-- The log level of a client: one of eight levels, stored in the session. Without a session it is accepted too.
SELECT log_level IS NULL FROM mcp_session WHERE session_id = :'session';
SELECT level, test.post(format('{"jsonrpc": "2.0", "id": 3, "method": "logging/setLevel", "params": {"level": %s}}', level), :'headers'),
    (SELECT log_level FROM mcp_session WHERE session_id = :'session')
FROM unnest(ARRAY['"debug"', '"emergency"', '"Warning"', '"warn"', '5', 'null']) level;
SELECT test.post('{"jsonrpc": "2.0", "id": 3, "method": "logging/setLevel"}', :'headers');
SELECT test.post('{"jsonrpc": "2.0", "id": 3, "method": "logging/setLevel", "params": {"level": "info"}}');
SELECT test.post('{"jsonrpc": "2.0", "id": 3, "method": "logging/setLevel", "params": {"level": "info"}}', :'headers', 2);
SELECT log_level FROM mcp_session WHERE session_id = :'session';
-- Subscriptions are not offered, but a client that asks for one gets no error.
SELECT method, test.post(format('{"jsonrpc": "2.0", "id": 3, "method": "resources/%s", "params": {"uri": "odoo://system"}}', method), :'headers')
FROM unnest('{subscribe,unsubscribe}'::text[]) method;
SELECT test.post('{"jsonrpc": "2.0", "id": 3, "method": "resources/subscribe", "params": {"uri": 5}}', :'headers');
-- An unknown method, and methods of other versions.
SELECT test.post('{"jsonrpc": "2.0", "id": 4, "method": "tools/lists"}', :'headers');
SELECT test.post('{"jsonrpc": "2.0", "id": 4, "method": "server/discover"}', :'headers');

-- tools/list: in order, without archived tools and those of other groups.
CREATE FUNCTION pg_temp.list(key integer, version text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    shown text := test.post('{"jsonrpc": "2.0", "id": 5, "method": "tools/list", "params": {}}', jsonb_build_object('mcp-protocol-version', version), key, 5);
BEGIN
    RETURN (SELECT (answer -> 'reply' ->> 'body')::json -> 'result' FROM test.answer WHERE number = 5);
END $$;
CREATE FUNCTION pg_temp.names(key integer) RETURNS text LANGUAGE sql AS $$
SELECT string_agg(tool ->> 'name', ' ' ORDER BY at) FROM json_array_elements(pg_temp.list(key, '2025-11-25') -> 'tools') WITH ORDINALITY AS t (tool, at)
$$;
SELECT pg_temp.names(1);
SELECT pg_temp.names(2);
SELECT pg_temp.names(10);
-- A change of groups takes effect at once, in spite of the cached list.
BEGIN;
INSERT INTO res_groups_users_rel (gid, uid) SELECT 5, k.user_id FROM res_users_apikeys k WHERE k.id = 1;
SELECT pg_temp.names(1);
DELETE FROM res_groups_users_rel g WHERE g.gid = 5;
INSERT INTO mcp_tool_group_rel (tool_id, group_id) SELECT t.id, 5 FROM mcp_tool t WHERE t.name = 'search';
SELECT pg_temp.names(1);
ROLLBACK;
SELECT pg_temp.names(1);
BEGIN;
UPDATE mcp_tool SET sequence = 5 WHERE name IN ('write', 'count');
UPDATE mcp_tool SET sequence = NULL WHERE name = 'search';
UPDATE mcp_tool SET active = NULL WHERE name = 'read';
SELECT pg_temp.names(2);
ROLLBACK;
-- The members of a tool in each version. The members of a schema keep their order (spaces between them do not matter).
SELECT version, regexp_replace((pg_temp.list(2, version) -> 'tools' -> 2)::text, '([:,]) ', '\1', 'g') FROM unnest('{2024-11-05,2025-03-26,2025-06-18,2025-11-25}'::text[]) version;
SELECT version, key FROM unnest('{2024-11-05,2025-11-25}'::text[]) version, json_object_keys(pg_temp.list(2, version)) key;
-- A tool without title, parameters or output schema.
BEGIN;
UPDATE mcp_tool SET title = NULL, parameters = '', output_schema = ' ' WHERE name = 'count';
SELECT regexp_replace((pg_temp.list(2, '2025-11-25') -> 'tools' -> 2)::text, '([:,]) ', '\1', 'g');
ROLLBACK;
-- The list has one page, so it accepts no cursor.
SELECT test.post('{"jsonrpc": "2.0", "id": 6, "method": "tools/list", "params": {"cursor": "next"}}', :'headers');
SELECT left(test.post('{"jsonrpc": "2.0", "id": 6, "method": "tools/list", "params": {"cursor": null}}', :'headers'), 40);

-- A session of another user, and an unknown one: 404, and the client starts over.
SELECT test.post('{"jsonrpc": "2.0", "id": 7, "method": "ping"}', :'headers', 2);
SELECT test.post('{"jsonrpc": "2.0", "id": 7, "method": "ping"}', :'headers', 8);
SELECT test.post('{"jsonrpc": "2.0", "id": 7, "method": "ping"}', '{"mcp-session-id": "nobody"}');
SELECT test.post('{"jsonrpc": "2.0", "id": 7, "method": "ping"}', '{"mcp-session-id": ""}');
-- initialize starts a new session, whatever session it names.
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
    "clientInfo": {"name": "regress", "version": "1.5"}}}', '{"mcp-session-id": "nobody"}'), 26);
-- Use after more than a minute prolongs the session. Within a minute nothing is written.
SELECT left(test.post('{"jsonrpc": "2.0", "id": 8, "method": "ping"}', :'headers'), 3);
SELECT last_seen = create_date FROM mcp_session WHERE session_id = :'session';
UPDATE mcp_session SET last_seen = last_seen - interval '61 seconds' WHERE session_id = :'session';
SELECT left(test.post('{"jsonrpc": "2.0", "id": 8, "method": "ping"}', :'headers'), 3);
SELECT last_seen > create_date, expires_at - last_seen FROM mcp_session WHERE session_id = :'session';
-- Expired and closed sessions.
BEGIN;
UPDATE mcp_session SET expires_at = timezone('UTC', now()) - interval '1 second' WHERE session_id = :'session';
SELECT left(test.post('{"jsonrpc": "2.0", "id": 9, "method": "ping"}', :'headers'), 3);
ROLLBACK;

-- The administrator may require sessions.
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.require_session', 'True');
SELECT test.post('{"jsonrpc": "2.0", "id": 10, "method": "ping"}');
SELECT test.post('{"jsonrpc": "2.0", "id": 10, "method": "ping"}', :'headers');
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
    "clientInfo": {"name": "regress", "version": "1.5"}}}'), 26);
ROLLBACK;

-- An unknown version header is refused from the first request on.
SELECT left(test.post('{"jsonrpc": "2.0", "id": 11, "method": "ping"}', '{"mcp-protocol-version": "1.0"}'), 3);
-- Other HTTP methods. The server holds no streams.
SELECT method, test.handle(jsonb_build_object('http_method', method)) FROM unnest('{GET,PUT,HEAD,PATCH}'::text[]) method;
-- DELETE needs a session of the caller's own. After it, 404.
SELECT test.handle('{"http_method": "DELETE"}');
SELECT test.handle('{"http_method": "DELETE"}', '{"mcp-session-id": "nobody"}');
SELECT left(test.handle('{"http_method": "DELETE"}', :'headers', 2), 3);
SELECT left(test.handle('{"http_method": "DELETE"}', jsonb_set(:'headers', '{mcp-protocol-version}', '"2026-07-28"')), 3);
SELECT closed_at FROM mcp_session WHERE session_id = :'session';
SELECT left(test.handle('{"http_method": "DELETE"}', :'headers'), 3);
SELECT closed_at BETWEEN last_seen AND timezone('UTC', clock_timestamp()) FROM mcp_session WHERE session_id = :'session';
SELECT left(test.post('{"jsonrpc": "2.0", "id": 12, "method": "ping"}', :'headers'), 3);
SELECT left(test.handle('{"http_method": "DELETE"}', :'headers'), 3);
-- A page of an allowed origin may read every answer, including errors and the session id.
SELECT test.post('{"jsonrpc": "2.0", "id": 13, "method": "ping"}', '{"origin": "http://localhost:6274"}');
SELECT left(test.post('{"jsonrpc": "2.0", "id": 13, "method": "pong"}', '{"origin": "http://localhost:6274"}'), 123);

-- The audit log: one row for each message, whatever its outcome.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();

-- The core answers this message itself, so its row exists at once.
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', number => 1), 3);
SELECT test.audit(1);
SELECT create_date BETWEEN timezone('UTC', now()) - interval '1 minute' AND timezone('UTC', now()), duration_ms BETWEEN 0 AND 60000, response_bytes
FROM mcp_audit_log WHERE call_id = test.call_id(1)::uuid;
SELECT left(test.tool('list_models', '{"search": "partner"}', number => 2), 10);
SELECT test.audit(2);
SELECT left(test.tool('search', '{"model": "res.partner", "domain": "[[\"nmae\", \"=\", \"x\"]]"}', 2, 3), 20);
SELECT test.audit(3);
SELECT left(test.tool('nobody', '{"a": 1}', number => 4), 20);
SELECT test.audit(4);
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "nobody/knows", "params": {"a": 1}}', number => 5), 3);
SELECT test.audit(5);
SELECT left(test.post('no json', number => 6), 3);
SELECT test.audit(6);
SELECT left(test.handle('{"http_method": "GET", "door": "ordinary"}', number => 7), 3);
SELECT test.audit(7);
SELECT left(test.post('{"jsonrpc": "2.0", "method": "notifications/initialized"}', number => 8), 3);
SELECT test.audit(8);
SELECT left(test.post('{"jsonrpc": "2.0", "id": 5, "result": {}}', number => 9), 3);
SELECT test.audit(9);
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', '{"mcp-session-id": "nobody"}', number => 10), 3);
SELECT test.audit(10);
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "regress", "version": "1"}}}', number => 11), 26);
SELECT test.audit(11);
SELECT a.session_id = s.session_id FROM mcp_audit_log a, mcp_session s WHERE a.call_id = test.call_id(11)::uuid;
-- Password authentication: the row has no key.
SELECT test.gate('{"credential": {"scheme": "basic", "login": "demo", "index": null}}', number => 12);
SELECT left(test.resume(12, '{"uid": 6, "local": true, "fields": ["id"]}'), 4);
SELECT left(test.keep(13, mcp_handle(answer -> 'pass', test.request('{"body": "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}"}', number => 13))), 3) FROM test.answer WHERE number = 12;
SELECT test.audit(13);
-- A request that is repeated after a broken connection has one row.
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', number => 1), 3);
SELECT count(*) FROM mcp_audit_log WHERE call_id = test.call_id(1)::uuid;

-- A call for Odoo is first recorded as in-flight. It has no row until it is settled.
SELECT left(test.tool('read', '{"model": "res.partner", "ids": [7, 8]}', 2, 20), 15);
SELECT test.audit(20);
SELECT started BETWEEN timezone('UTC', now()) - interval '1 minute' AND timezone('UTC', now()),
       jsonb_strip_nulls(entry::jsonb - '{started,call_id}'::text[]), entry ->> 'call_id' = call_id::text FROM mcp_inflight_call WHERE call_id = test.call_id(20)::uuid;
-- The state suffices to continue. It is small and contains neither hash nor secret.
SELECT length((answer -> 'state')::text) < 3000, (answer -> 'state')::text ~ '[$]hash' FROM test.answer WHERE number = 20;
SELECT test.outcome(20, '{"result": {"fields": ["id", "name"], "records": [{"id": 7, "name": "x"}], "missing": [8]}}');
SELECT test.audit(20);
SELECT count(*) FROM mcp_inflight_call WHERE call_id = test.call_id(20)::uuid;
-- A call is settled once: a second success fails, so that its transaction cannot commit. A second failure changes
-- nothing.
SELECT answer -> 'state' AS state FROM test.answer WHERE number = 20 \gset
SELECT left(test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"name": "A"}}', 2, 21), 16);
SELECT answer -> 'state' AS state FROM test.answer WHERE number = 21 \gset
SELECT left(test.keep(1021, mcp_resume(:'state', '{"result": {"ids": [7]}}')), 3);
SELECT mcp_resume(:'state', '{"result": {"ids": [7]}}');
SELECT test.brief(mcp_resume(:'state', '{"error": {"type": "timeout", "message": ""}}'));
SELECT status, error FROM mcp_audit_log WHERE call_id = test.call_id(21)::uuid;
-- The reverse: a call that was declared failed can no longer succeed.
SELECT left(test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"name": "A"}}', 2, 22), 16);
SELECT answer -> 'state' AS state FROM test.answer WHERE number = 22 \gset
SELECT test.brief(mcp_resume(:'state', '{"error": {"type": "timeout", "message": ""}}'));
SELECT mcp_resume(:'state', '{"result": {"ids": [7]}}');
SELECT status, error, count(*) OVER () FROM mcp_audit_log WHERE call_id = test.call_id(22)::uuid;
-- Rolling back the change also rolls back its row. The call stays in-flight.
SELECT left(test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"name": "A"}}', 2, 23), 16);
SELECT answer -> 'state' AS state FROM test.answer WHERE number = 23 \gset
BEGIN;
SELECT test.brief(mcp_resume(:'state', '{"result": {"ids": [7]}}'));
ROLLBACK;
SELECT (SELECT count(*) FROM mcp_audit_log WHERE call_id = test.call_id(23)::uuid), (SELECT count(*) FROM mcp_inflight_call WHERE call_id = test.call_id(23)::uuid);
SELECT test.brief(mcp_resume(:'state', '{"error": {"type": "serialization", "message": ""}}'));
SELECT test.audit(23);

-- Every kind of failure in Odoo: the client's text and the row. When the change did not happen, the text says so.
CREATE FUNCTION pg_temp.fail(error jsonb, tool text DEFAULT 'write') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    number bigint := nextval('test.number');
    step text := test.tool(tool, CASE tool WHEN 'write' THEN '{"model": "res.partner", "ids": [7], "values": {"name": "A"}}' ELSE '{"model": "res.partner"}' END, 2, number);
    shown text := test.outcome(number, jsonb_build_object('error', error));
BEGIN
    RETURN replace(concat_ws(E'\n    ', shown, (SELECT format('%s %s %s', status, http_status, error_code) FROM public.mcp_audit_log WHERE call_id = test.call_id(number)::uuid)),
        test.call_id(number), '<call>');
END $$;
SELECT type, pg_temp.fail(jsonb_build_object('type', type, 'message', 'Odoo says so.')) FROM unnest('{access_error,access_denied,user_error,validation_error,missing_error,
    redirect_warning,constraint,serialization,timeout,pool_full,no_method,private_method,bad_arguments,not_json,commits,died,module_state,internal,odd}'::text[]) type;
SELECT type, pg_temp.fail(jsonb_build_object('type', type, 'message', ' ')) FROM unnest('{access_error,user_error,missing_error,constraint,no_method,private_method,bad_arguments,pool_full}'::text[]) type;
SELECT type, pg_temp.fail(jsonb_build_object('type', type, 'message', ''), 'count') FROM unnest('{access_error,timeout,internal}'::text[]) type;
SELECT pg_temp.fail('{}');
-- Internal details do not reach the client.
SELECT pg_temp.fail('{"type": "internal", "message": "", "sqlstate": "XX000", "detail": "secret detail"}') ~ 'secret detail';
-- The method committed on its own before it failed, so no text claims that nothing was changed.
SELECT pg_temp.fail('{"type": "user_error", "message": "Odoo says so.", "committed": true}') ~ 'Nothing was changed';
SELECT pg_temp.fail('{"type": "timeout", "message": "", "committed": true}') ~ 'Nothing was changed';
-- A busy server says when to retry.
SELECT left(test.tool('count', '{"model": "res.partner"}', 2, 30), 4);
SELECT test.resume(30, '{"error": {"type": "pool_full", "message": ""}}');
SELECT count(*) FROM mcp_inflight_call;

-- Secrets stay out of the log wherever they occur: by name, in JSON strings, in domains, in unreadable texts, in
-- errors.
SELECT test.clear();
SELECT left(test.tool('write', '{"model": "res.users", "ids": [7], "values": {"login": "x", "password": "hunter2"}}', 1, 40), 5);
SELECT left(test.tool('write', '{"model": "res.users", "ids": [7], "values": "{\"login\": \"x\", \"password\": \"hunter2\"}"}', 1, 41), 5);
SELECT left(test.tool('search', '{"model": "res.users", "domain": [["login", "=", "x"], ["password", "=", "hunter2"]]}', 1, 42), 5);
SELECT left(test.tool('search', '{"model": "res.users", "domain": "[(''password'', ''='', ''hunter2'')]"}', 1, 43), 5);
SELECT left(test.tool('method_call', '{"model": "res.users", "method": "change_password", "args": ["old", "hunter2"]}', 1, 44), 5);
SELECT left(test.tool('method_call', '{"model": "res.users", "method": "x", "kwargs": {"new_passwd": "hunter2"}}', 1, 45), 5);
SELECT left(test.tool('search', '{"model": "res.users", "api_key": "hunter2"}', 1, 46), 5);
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"token": "hunter2"}}', number => 47), 3);
SELECT left(test.tool('committer', '{"anything": [{"key": "database.secret", "value": "hunter2"}]}', 1, 48), 4);
SELECT call_id, request::jsonb FROM mcp_audit_log WHERE request IS NOT NULL
UNION ALL SELECT call_id, (entry -> 'request')::jsonb FROM mcp_inflight_call ORDER BY 1;
-- Invalid secret values: the row's error does not repeat them.
SELECT left(test.tool('search', '{"model": "res.users", "domain": [["password", "=", ["hunter2"]]]}', 1, 50), 5);
SELECT left(test.tool('search', '{"model": "res.users", "domain": [["password", "in", "hunter2"]]}', 1, 51), 5);
SELECT left(test.tool('search', '{"model": "res.users", "domain": "[[\"password\", \"=\", hunter2]]"}', 1, 52), 5);
SELECT left(test.tool('write', '{"model": "res.users", "ids": [7], "values": "{\"password\": hunter2}"}', 1, 53), 5);
SELECT left(test.tool('write', '{"model": "res.users", "ids": [7], "values": {"password": ["hunter2"]}}', 1, 54), 5);
SELECT left(test.tool('search', '{"model": "res.users", "domain": {"password": "hunter2"}}', 1, 55), 5);
SELECT left(test.tool('search', '{"model": "res.users", "domain": ["password", "=", "hunter2"]}', 1, 56), 5);
SELECT call_id, 'told' FROM mcp_audit_log a WHERE to_jsonb(a)::text ~ 'hunter2' UNION ALL SELECT call_id, 'told' FROM mcp_inflight_call WHERE entry::text ~ 'hunter2' ORDER BY 1;
-- Long requests are truncated, and the row says so. The row names only some of many records.
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.audit_request_kb', '1'), ('odoo_mcp.max_records', '5000');
SELECT left(test.tool('write', jsonb_build_object('model', 'res.partner', 'ids', '{7}'::int[], 'values', jsonb_build_object('name', repeat('x', 5000)))::text, 1, 60), 5);
SELECT left(test.tool('read', jsonb_build_object('model', 'res.partner', 'ids', (SELECT jsonb_agg(n) FROM generate_series(1, 3000) n))::text, 1, 61), 5);
SELECT length(entry ->> 'request') <= 1000, entry -> 'request' ->> 'model', entry ->> 'request' ~ '…\[', jsonb_array_length(entry -> 'record_ids') FROM mcp_inflight_call WHERE call_id IN (test.call_id(60)::uuid, test.call_id(61)::uuid) ORDER BY call_id;
DELETE FROM ir_config_parameter WHERE key IN ('odoo_mcp.audit_request_kb', 'odoo_mcp.max_records');
-- Texts from the client are truncated to a column's length.
SELECT left(test.post(format('{"jsonrpc": "2.0", "id": 1, "method": "%s"}', repeat('m', 5000)), jsonb_build_object('user-agent', repeat('u', 5000) || E'\x07'), number => 62), 3);
SELECT length(method), length(user_agent), user_agent ~ '[[:cntrl:]]', length(error) <= 2000 FROM mcp_audit_log WHERE call_id = test.call_id(62)::uuid;

-- mcp_audit_insert(): the addon writes its own row when a statement of the core has failed. It never replaces a row.
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(70), 'status', 'failed', 'error', 'x', 'http_status', 500, 'door', 'fast'));
SELECT test.audit(70);
SELECT create_date BETWEEN timezone('UTC', now()) - interval '1 minute' AND timezone('UTC', now()) FROM mcp_audit_log WHERE call_id = test.call_id(70)::uuid;
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(70), 'status', 'ok'));
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(71), 'status', 'ok', 'create_date', '2026-01-02 03:04:05', 'request', '{"a": [1]}'::jsonb, 'record_ids', '[1]'::jsonb));
SELECT call_id, status, CASE WHEN create_date < '2026-02-01' THEN create_date END, request::jsonb, record_ids::jsonb FROM mcp_audit_log WHERE call_id IN (test.call_id(70)::uuid, test.call_id(71)::uuid) ORDER BY 1;
SELECT mcp_audit_insert('{}');
SELECT mcp_audit_insert('{"status": "ok"}');
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(72)));
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(72), 'status', 5));
SELECT mcp_audit_insert('{"call_id": "x", "status": "ok"}');
SELECT mcp_audit_insert('[]');

-- mcp_audit_verify() detects a row that was altered, in any column, or inserted by hand. The digest excludes the row's
-- id and the count of aggregated refusals, which grows after the row was written.
SELECT test.clear();
SELECT left(test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"name": "A"}}', 2, 80), 16);
SELECT test.outcome(80, '{"result": {"ids": [7]}}');
SELECT left(test.tool('list_models', number => 81), 2);
SELECT left(test.gate(number => 82), 3);
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(83), 'status', 'failed'));
SELECT mcp_audit_verify() AS intact \gset
ALTER TABLE mcp_audit_log DISABLE TRIGGER USER;
CREATE FUNCTION pg_temp.unnoticed(before jsonb) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    col record;
    after jsonb;
BEGIN
    FOR col IN SELECT attname, atttypid::regtype AS type FROM pg_attribute WHERE attrelid = 'mcp_audit_log'::regclass AND attnum > 0 AND NOT attisdropped
        AND attname NOT IN ('id', 'count') ORDER BY attname LOOP
        BEGIN
            EXECUTE format('UPDATE mcp_audit_log SET %1$I = %2$s WHERE call_id = %3$L', col.attname, CASE
                WHEN col.attname = 'call_id' THEN quote_literal(test.call_id(90)) || '::uuid'
                WHEN col.type::text IN ('integer', 'bigint', 'double precision', 'numeric') THEN format('coalesce(%I, 0) + 1000', col.attname)
                WHEN col.type::text IN ('json', 'jsonb') THEN $x$'["altered"]'$x$
                WHEN col.type::text LIKE 'timestamp%' THEN format($x$%I + interval '1 second'$x$, col.attname)
                ELSE $x$'altered'$x$ END, test.call_id(81));
            after := mcp_audit_verify();
            RAISE EXCEPTION USING errcode = 'P0099';
        EXCEPTION WHEN SQLSTATE 'P0099' THEN
            IF after = before THEN
                RETURN NEXT col.attname;
            END IF;
        END;
    END LOOP;
END $$;
SELECT 'altered unseen: ' || u FROM pg_temp.unnoticed(:'intact') u;
ALTER TABLE mcp_audit_log ENABLE TRIGGER USER;
BEGIN;
INSERT INTO mcp_audit_log (call_id, create_date, status) VALUES (test.call_id(91)::uuid, timezone('UTC', now()), 'ok');
SELECT mcp_audit_verify() = :'intact';
ROLLBACK;
SELECT mcp_audit_verify() = :'intact';
SELECT test.clear();

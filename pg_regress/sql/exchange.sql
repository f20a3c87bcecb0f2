-- The addon's own interface: gate and handling in as few statements as possible, with texts of two lines.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on

-- Converts an answer of two lines to the answer of the jsonb functions. The second line is the authentication context.
CREATE FUNCTION test.of_lines(lines text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    head jsonb := split_part(lines, E'\n', 1)::jsonb;
    rest text := substr(lines, strpos(lines, E'\n') + 1);
BEGIN
    IF head ? 'reply' THEN
        RETURN jsonb_set(head, '{reply,body}', to_jsonb(rest));
    ELSIF head ? 'pass' THEN
        RETURN jsonb_set(head, '{pass}', rest::jsonb);
    ELSIF head ? 'step' THEN
        RETURN head || jsonb_build_object('state', rest::jsonb);
    END IF;
    RETURN head;
END $$;
CREATE FUNCTION test.exchange(members jsonb, headers jsonb, body text, pass text DEFAULT NULL, number bigint DEFAULT nextval('test.number'))
RETURNS text LANGUAGE sql AS $$
SELECT test.keep(number, test.of_lines(public.mcp_exchange(test.request(members, headers, number)::text, body, pass)))
$$;
CREATE FUNCTION test.go_on(number bigint, outcome jsonb) RETURNS text LANGUAGE sql AS $$
SELECT test.keep(number, test.of_lines(public.mcp_continue((SELECT a.answer ->> 'state' FROM test.answer a WHERE a.number = $1), outcome::text)))
$$;
SELECT jsonb_build_object('credential', test.key(1) || jsonb_build_object('claim', jsonb_build_object('kind', 'key', 'id', 1, 'digest',
    (SELECT encode(sha256(convert_to(key, 'UTF8')), 'hex') FROM res_users_apikeys WHERE id = 1)))) AS proven \gset
CREATE FUNCTION test.message(method text, params jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS
$$ SELECT jsonb_build_object('jsonrpc', '2.0', 'id', 7, 'method', method, 'params', params)::text $$;

-- With a verified key: one statement, one row.
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, 901);
SELECT method, status, path, duration_ms IS NOT NULL FROM mcp_audit_log WHERE call_id = test.call_id(901)::uuid;
-- The same statement returns the error for an invalid message.
SELECT test.exchange(:'proven', '{}', '{', NULL, 902);
SELECT test.exchange(:'proven', '{}', test.message('no/such'), NULL, 903);
SELECT count(*) FROM mcp_audit_log WHERE call_id IN (test.call_id(902)::uuid, test.call_id(903)::uuid);
-- Without a body, only the gate runs, and it writes no row yet.
SELECT test.exchange(:'proven', '{}', NULL, NULL, 904);
SELECT count(*) FROM mcp_audit_log WHERE call_id = test.call_id(904)::uuid;
SELECT test.exchange('{}', '{}', test.message('ping'), (SELECT answer ->> 'pass' FROM test.answer WHERE number = 904), 904);
SELECT count(*) FROM mcp_audit_log WHERE call_id = test.call_id(904)::uuid;
-- A refusal.
SELECT test.exchange('{}', '{}', test.message('ping'));
-- A key that must be verified first: the step contains no body, and the authentication context includes the cache
-- entry.
SELECT test.exchange(jsonb_build_object('credential', test.key(1)), '{}', test.message('ping'), NULL, 905) ~ '^step .*verify_key';
SELECT strpos(answer::text, 'ping') FROM test.answer WHERE number = 905;
SELECT test.go_on(905, '{"key_id": 1}');
-- A read-only tool is recorded in the same statement. A second statement is needed for a tool that writes, and for one
-- that the core answers with a row that must be durable.
SELECT test.exchange(:'proven', '{}', test.message('tools/call', '{"name": "count", "arguments": {"model": "res.partner"}}'), NULL, 906);
SELECT count(*) FROM mcp_inflight_call WHERE call_id = test.call_id(906)::uuid;
SELECT test.go_on(906, '{"result": {"count": 3}}');
SELECT status, row_count FROM mcp_audit_log WHERE call_id = test.call_id(906)::uuid;
SELECT test.exchange(:'proven', '{}', test.message('tools/call', '{"name": "unlink", "arguments": {"model": "res.partner", "ids": [1]}}'), NULL, 907);
SELECT count(*) FROM mcp_inflight_call WHERE call_id = test.call_id(907)::uuid;
SELECT test.exchange('{}', '{}', test.message('tools/call', '{"name": "unlink", "arguments": {"model": "res.partner", "ids": [1]}}'),
    (SELECT answer ->> 'pass' FROM test.answer WHERE number = 907), 907);
SELECT count(*) FROM mcp_inflight_call WHERE call_id = test.call_id(907)::uuid;
SELECT test.go_on(907, '{"error": {"type": "access_error", "message": "No."}}');
SELECT test.exchange(:'proven', '{}', test.message('tools/call', '{"name": "list_models"}'), NULL, 908) ~ '^pass';
SELECT count(*) FROM mcp_audit_log WHERE call_id = test.call_id(908)::uuid;
-- The arguments of such a tool are checked in the second statement only, which reports their errors once.
SELECT test.exchange(:'proven', '{}', test.message('tools/call', '{"name": "unlink", "arguments": {"model": "res.partnr", "ids": [1]}}'), NULL, 909);
SELECT count(*) FROM mcp_audit_log WHERE call_id = test.call_id(909)::uuid;
SELECT test.exchange('{}', '{}', test.message('tools/call', '{"name": "unlink", "arguments": {"model": "res.partnr", "ids": [1]}}'),
    (SELECT answer ->> 'pass' FROM test.answer WHERE number = 909), 909);
SELECT tool, status, count(*) FROM mcp_audit_log WHERE call_id = test.call_id(909)::uuid GROUP BY 1, 2;
-- A first attempt does not look for a row of its call. A retry leaves an existing row unchanged. A first attempt that
-- arrives after its retry fails and changes nothing.
SELECT test.exchange(:'proven'::jsonb || '{"first_try": true}', '{}', test.message('ping'), NULL, 910);
SELECT test.exchange(:'proven'::jsonb || '{"first_try": false}', '{}', test.message('ping'), NULL, 910);
SELECT test.exchange(:'proven'::jsonb || '{"first_try": true}', '{}', test.message('server/discover'), NULL, 910);
SELECT method, status, count(*) FROM mcp_audit_log WHERE call_id = test.call_id(910)::uuid GROUP BY 1, 2;
-- A reinstalled addon has new groups. Memberships in the old groups then grant nothing.
SELECT u.user_id AS owner FROM res_users_apikeys u WHERE u.id = 1 \gset
SELECT array_agg(gid ORDER BY gid) FROM res_groups_users_rel WHERE uid = :owner AND gid IN (3, 4);
BEGIN;
UPDATE ir_model_data SET res_id = res_id + 90 WHERE module = 'odoo_mcp' AND model = 'res.groups';
INSERT INTO mcp_catalogue DEFAULT VALUES;
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, 911);
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, 912);
UPDATE res_groups_users_rel SET gid = gid + 90 WHERE uid = :owner AND gid IN (3, 4);
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, 913);
ROLLBACK;
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, 914);
-- Its catalogue is a new table, possibly with the same rows. Lists cached before are not reused.
CREATE FUNCTION test.lists(tool text, proven jsonb) RETURNS boolean LANGUAGE sql AS $$
SELECT test.exchange(proven, '{}', test.message('tools/list'), NULL, nextval('test.number')) ~ format('"name":"%s"', tool)
$$;
BEGIN;
-- When no tool is restricted to groups, the cache only checks the catalogue's version.
DELETE FROM mcp_tool_group_rel;
DELETE FROM mcp_resource_group_rel;
SELECT test.lists('unlink', :'proven');
ALTER TABLE mcp_tool DISABLE TRIGGER mcp_catalogue_changed;
UPDATE mcp_tool SET active = false WHERE name = 'unlink';
SELECT test.lists('unlink', :'proven') AS "nothing has told";
ALTER TABLE mcp_catalogue RENAME TO mcp_catalogue_before;
CREATE TABLE mcp_catalogue AS SELECT * FROM mcp_catalogue_before;
SELECT test.lists('unlink', :'proven');
ROLLBACK;
SELECT test.lists('unlink', :'proven');
-- Settings and the access policy are cached by version. A change takes effect with the next statement, and a rollback
-- takes it back.
BEGIN;
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, nextval('test.number'));
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.enabled', 'False');
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, nextval('test.number'));
ROLLBACK;
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, nextval('test.number'));
BEGIN;
UPDATE ir_module_module SET state = 'to upgrade' WHERE name = 'odoo_mcp';
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, nextval('test.number'));
ROLLBACK;
SELECT mcp_check_access(6, 'res.partner', 'read') ->> 'allowed';
BEGIN;
INSERT INTO mcp_access (model, perm_read) VALUES ('res.partner', false);
SELECT mcp_check_access(6, 'res.partner', 'read') ->> 'allowed';
ROLLBACK;
SELECT mcp_check_access(6, 'res.partner', 'read') ->> 'allowed';
-- Where a trigger is missing or disabled, nothing is cached.
BEGIN;
ALTER TABLE ir_config_parameter DISABLE TRIGGER mcp_catalogue_changed;
INSERT INTO mcp_catalogue DEFAULT VALUES;
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, nextval('test.number'));
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.enabled', 'False');
SELECT test.exchange(:'proven', '{}', test.message('ping'), NULL, nextval('test.number'));
ROLLBACK;
BEGIN;
DROP TRIGGER mcp_catalogue_changed ON mcp_access;
INSERT INTO mcp_catalogue DEFAULT VALUES;
SELECT mcp_check_access(6, 'res.partner', 'read') ->> 'allowed';
INSERT INTO mcp_access (model, perm_read) VALUES ('res.partner', false);
SELECT mcp_check_access(6, 'res.partner', 'read') ->> 'allowed';
ROLLBACK;
-- Texts that violate the contract.
SELECT mcp_exchange('', '', NULL);
SELECT mcp_exchange('{"call_id": "x"}', NULL, NULL);
SELECT mcp_exchange(test.request()::text, '{}', '{"uid": 2}');
SELECT mcp_continue('x', '{}');
SELECT mcp_continue('{}', '{}');
SELECT mcp_exchange(NULL, NULL, NULL);

-- mcp_gate(): authentication.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();

-- Without a credential: 401 and the challenge.
SELECT test.gate();
-- Malformed credentials.
SELECT test.gate('{"credential": {"scheme": "malformed", "reason": "several"}}');
SELECT test.gate('{"credential": {"scheme": "malformed", "reason": "unparsable"}}');
SELECT test.gate('{"credential": {"scheme": "malformed", "reason": "unsupported"}}');
-- A secret without the format of a key, and one whose index does not exist.
SELECT test.gate('{"credential": {"scheme": "bearer", "index": null}}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "deadbeef"}}');

-- A key must first be verified. A wrong key is refused, as is a key that was not a candidate, or a password
-- verification in its place.
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}', number => 1);
SELECT test.resume(1, '{"key_id": null}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}', number => 2);
SELECT test.resume(2, '{"key_id": 1}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}', number => 3);
SELECT test.resume(3, '{"uid": 2, "local": true, "fields": ["id", "login", "password", "active"]}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}', number => 4);
SELECT test.resume(4, '{}');
-- The right key passes, and the addon may cache it without expiry.
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}', number => 5);
SELECT test.resume(5, '{"key_id": 2}');
SELECT (answer -> 'remember' -> 'claim') AS claim FROM test.answer WHERE number = 5 \gset
-- Neither authentication context nor state contains the hash or a secret.
SELECT (answer -> 'pass')::text ~ 'hash' FROM test.answer WHERE number = 5;
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}', number => 22);
SELECT (answer -> 'state')::text ~ '[$]hash' FROM test.answer WHERE number = 22;

-- The cached claim passes at once while the row is unchanged.
SELECT jsonb_build_object('credential', jsonb_build_object('scheme', 'bearer', 'index', 'bbbbbbbb', 'claim', :'claim'::jsonb)) AS remembered \gset
SELECT test.gate(:'remembered');
SELECT test.gate(jsonb_set(:'remembered', '{credential,claim,digest}', '"00"'), number => 6);
SELECT test.gate(jsonb_set(:'remembered', '{credential,claim,id}', '3'), number => 7);
BEGIN;
UPDATE res_users_apikeys SET key = '$hash$2 renewed' WHERE id = 2;
SELECT test.gate(:'remembered');
ROLLBACK;
BEGIN;
DELETE FROM res_users_apikeys WHERE id = 2;
SELECT test.gate(:'remembered');
ROLLBACK;
BEGIN;
UPDATE res_users_apikeys SET expiration_date = timezone('UTC', now()) - interval '1 second' WHERE id = 2;
SELECT test.gate(:'remembered');
ROLLBACK;
BEGIN;
UPDATE res_users SET active = false WHERE id = 6;
SELECT test.gate(:'remembered');
ROLLBACK;
BEGIN;
UPDATE res_users_apikeys SET scope = 'odoo.plugin.outlook' WHERE id = 2;
SELECT test.gate(:'remembered');
ROLLBACK;
BEGIN;
DELETE FROM res_groups_users_rel WHERE uid = 6 AND gid = 3;
SELECT test.gate(:'remembered');
ROLLBACK;
-- The key was deleted during its verification: 401, and no authentication context.
BEGIN;
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}', number => 8);
DELETE FROM res_users_apikeys WHERE id = 2;
SELECT test.resume(8, '{"key_id": 2}');
ROLLBACK;

-- Keys that do not count: expired, with another scope, of an inactive user. A key without scope counts.
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "dddddddd"}}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "eeeeeeee"}}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "11111111"}}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "cccccccc"}}');
-- Two keys with one index: both are candidates, and the verified one determines the user.
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "22222222"}}', number => 9);
SELECT test.resume(9, '{"key_id": 9}');

-- The administrator may refuse ordinary keys. Then only keys with scope mcp count.
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.accept_plain_keys', 'False');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "aaaaaaaa"}}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "cccccccc"}}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}');
ROLLBACK;

-- Basic with login and key: the key must belong to that login.
SELECT test.gate('{"credential": {"scheme": "basic", "login": "demo", "index": "bbbbbbbb"}}', number => 10);
SELECT test.resume(10, '{"key_id": 2}');
SELECT test.gate('{"credential": {"scheme": "basic", "login": "admin", "index": "bbbbbbbb"}}');
SELECT test.gate('{"credential": {"scheme": "basic", "login": "Demo", "index": "bbbbbbbb"}}');
SELECT test.gate(jsonb_set(jsonb_set(:'remembered', '{credential,scheme}', '"basic"'), '{credential,login}', '"admin"'));

-- Basic with login and password: Odoo itself checks the password.
SELECT test.gate('{"credential": {"scheme": "basic", "login": "demo", "index": null}}', number => 11);
SELECT test.resume(11, '{"uid": null}');
SELECT test.gate('{"credential": {"scheme": "basic", "login": "demo", "index": null}}', number => 12);
SELECT test.resume(12, '{"uid": 6, "local": true, "fields": ["id", "login", "password", "active"]}');
SELECT (answer -> 'remember' -> 'claim') AS claim FROM test.answer WHERE number = 12 \gset
-- A password that was verified elsewhere (LDAP) is not cached.
SELECT test.gate('{"credential": {"scheme": "basic", "login": "demo", "index": null}}', number => 13);
SELECT test.resume(13, '{"uid": 6, "local": false, "fields": ["id", "login", "password", "active"]}');
-- A user who is inactive or does not exist; a key verification in place of the password.
SELECT test.gate('{"credential": {"scheme": "basic", "login": "gone", "index": null}}', number => 14);
SELECT test.resume(14, '{"uid": 8, "local": true, "fields": ["id", "login", "password", "active"]}');
SELECT test.gate('{"credential": {"scheme": "basic", "login": "demo", "index": null}}', number => 15);
SELECT test.resume(15, '{"uid": 4711, "local": true, "fields": []}');
SELECT test.gate('{"credential": {"scheme": "basic", "login": "demo", "index": null}}', number => 16);
SELECT test.resume(16, '{"key_id": 2}');
-- The cached verification is valid until one of the fields changes that Odoo's session token depends on.
SELECT jsonb_build_object('credential', jsonb_build_object('scheme', 'basic', 'login', 'demo', 'index', NULL, 'claim', :'claim'::jsonb)) AS remembered \gset
SELECT test.gate(:'remembered');
BEGIN;
UPDATE res_users SET password = '$pbkdf2$changed' WHERE id = 6;
SELECT test.gate(:'remembered');
ROLLBACK;
BEGIN;
UPDATE res_users SET active = false WHERE id = 6;
SELECT test.gate(:'remembered');
ROLLBACK;
BEGIN;
UPDATE res_users SET totp_secret = 'of no matter' WHERE id = 6;
SELECT test.gate(:'remembered');
ROLLBACK;
SELECT test.gate(jsonb_set(:'remembered', '{credential,claim,fields}', '[]'));
SELECT test.gate(jsonb_set(:'remembered', '{credential,claim,fields}', '["nothing"]'));
SELECT test.gate(jsonb_set(:'remembered', '{credential,claim,uid}', '2'));
-- Without a login it is worthless.
SELECT test.gate(jsonb_set(:'remembered', '{credential,scheme}', '"bearer"'));

-- Groups: membership through two other groups, and no membership.
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "33333333"}}', number => 17);
SELECT test.resume(17, '{"key_id": 10}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "ffffffff"}}', number => 18);
SELECT test.resume(18, '{"key_id": 6}');
BEGIN;
DELETE FROM res_groups_implied_rel WHERE gid = 6;
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "33333333"}}', number => 19);
SELECT test.resume(19, '{"key_id": 10}');
ROLLBACK;
-- Groups that imply each other cause no endless loop.
BEGIN;
INSERT INTO res_groups_implied_rel (gid, hid) VALUES (3, 6);
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "33333333"}}', number => 20);
SELECT test.resume(20, '{"key_id": 10}');
ROLLBACK;

-- Switched off: 503, before any credential is checked. With only the fast door closed, Odoo's ordinary route serves.
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.enabled', 'False');
SELECT test.gate();
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}');
ROLLBACK;
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.fast_door', 'False');
SELECT test.gate();
SELECT test.gate('{"door": "ordinary"}');
ROLLBACK;

-- Origin: the site's own, configured ones, loopback on any port, and no other. A browser gets the reason.
SELECT origin, left(test.gate(headers => jsonb_build_object('origin', origin)), 3) FROM unnest('{https://odoo.example.com, https://ODOO.example.com:443,
    https://chat.example:8443, https://other.example, http://localhost, http://localhost:6274, http://127.0.0.1:8080, "http://[::1]:3000"}'::text[]) origin;
SELECT origin, left(test.gate(headers => jsonb_build_object('origin', origin)), 3) FROM unnest('{http://odoo.example.com, https://evil.example, https://chat.example,
    https://odoo.example.com.evil.example, http://localhost.evil.example, http://localhost@evil.example, "null", "", file://localhost,
    https://odoo.example.com:8443}'::text[]) origin;
-- The Host header proves nothing: a rebinding attack sends the same value in both.
SELECT test.gate(headers => '{"origin": "https://evil.example", "host": "evil.example"}');
SELECT test.gate(headers => '{"origin": {"base64": "/w=="}}');
SELECT test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}', '{"origin": "http://localhost:6274"}', 21);
SELECT test.resume(21, '{"key_id": 2}');
SELECT test.gate('{"http_method": "OPTIONS"}');
SELECT test.gate('{"http_method": "OPTIONS"}', '{"origin": "http://localhost:6274"}');
SELECT test.gate('{"http_method": "OPTIONS"}', '{"origin": "https://evil.example"}');

-- The contract with the addon.
SELECT test.gate('{"addon": {"contract": 99, "version": "19.0.9.0.0", "series": "19.0"}}');
SELECT test.gate('{"addon": {"contract": -1, "version": "19.0.0.0.0", "series": "19.0"}}');
-- The addon: not installed, being installed, not installed again.
BEGIN;
DELETE FROM ir_module_module WHERE name = 'odoo_mcp';
SELECT test.gate();
ROLLBACK;
BEGIN;
UPDATE ir_module_module SET state = 'to upgrade' WHERE name = 'odoo_mcp';
SELECT test.gate();
UPDATE ir_module_module SET state = 'uninstalled' WHERE name = 'odoo_mcp';
SELECT test.gate();
ROLLBACK;
-- A missing table or column: also 503 with the hint, and no PostgreSQL error.
BEGIN;
ALTER TABLE res_users_apikeys DROP COLUMN scope;
SELECT left(test.gate('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}'), 3);
ROLLBACK;
BEGIN;
ALTER TABLE mcp_audit_log RENAME TO mcp_audit_log_of_old;
SELECT left(test.gate(), 3);
ROLLBACK;

-- Refusals: one row for each address, reason and minute, with a count. Where failures count towards lockouts, one row
-- for each login as well.
CREATE TABLE test.kept AS SELECT answer FROM test.answer WHERE number = 5;
SELECT test.clear();
SELECT test.early_in_the_minute();
UPDATE ir_config_parameter SET value = '100' WHERE key = 'odoo_mcp.lockout_failures';
SELECT count(test.gate(number => n)) FROM generate_series(100, 104) n;
SELECT count(test.gate('{"remote_addr": "198.51.100.9"}', number => n)) FROM generate_series(110, 112) n;
SELECT count(test.gate('{"credential": {"scheme": "basic", "login": "demo", "index": "deadbeef"}}', number => n)) FROM generate_series(120, 121) n;
SELECT count(test.gate('{"credential": {"scheme": "basic", "login": "admin", "index": "deadbeef"}}', number => n)) FROM generate_series(130, 131) n;
UPDATE ir_config_parameter SET value = '0' WHERE key = 'odoo_mcp.lockout_failures';
SELECT left(test.gate('{"credential": {"scheme": "bearer", "index": "ffffffff"}}', number => 140), 4);
SELECT left(test.resume(140, '{"key_id": 6}'), 4);
SELECT call_id, remote_addr, login, user_id, api_key_name, status, http_status, error_code, count, path, door, left(error, 40) FROM mcp_audit_log ORDER BY call_id;
-- Accepted requests write no row here, and neither does a preflight.
SELECT count(*) FROM mcp_audit_log WHERE status <> 'refused' OR http_method = 'OPTIONS';
-- A request that is repeated after a broken connection has the same call id. It is answered, whatever the reason.
SELECT left(test.gate('{"remote_addr": "203.0.113.1"}', number => 150), 3);
SELECT left(test.gate('{"remote_addr": "203.0.113.1"}', number => 150), 3);
SELECT left(test.gate('{"remote_addr": "203.0.113.1", "credential": {"scheme": "malformed", "reason": "several"}}', number => 150), 3);

-- The gate needs a new snapshot for each statement. It refuses stricter isolation levels.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT mcp_gate(test.request());
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT mcp_gate(test.request());
ROLLBACK;

-- The gate writes nothing for accepted requests: it takes no transaction id.
BEGIN;
SELECT mcp_gate(test.request(jsonb_build_object('credential', jsonb_build_object('scheme', 'bearer', 'index', 'bbbbbbbb')), number => 160)) ? 'step',
       txid_current_if_assigned() IS NULL;
SELECT mcp_resume(a -> 'state', '{"key_id": 2}') ? 'pass' FROM mcp_gate(test.request('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}', number => 161)) a;
SELECT mcp_gate(test.request('{"http_method": "OPTIONS"}', number => 162)) ? 'reply';
SELECT txid_current_if_assigned() IS NULL;
ROLLBACK;
-- The same in a read-only transaction.
BEGIN READ ONLY;
SELECT mcp_gate(test.request('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}}', number => 163)) ? 'step';
ROLLBACK;

-- mcp_handle(request): gate and handling in one statement.
SELECT left(test.show(mcp_handle(test.request('{"body": "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}"}'))), 3);
SELECT test.show(mcp_handle(test.request('{"credential": {"scheme": "bearer", "index": "bbbbbbbb"}, "body": "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}"}')));
SELECT test.show(mcp_handle(test.request(jsonb_build_object('body', '{"jsonrpc": "2.0", "id": 1, "method": "ping"}', 'credential',
    jsonb_build_object('scheme', 'bearer', 'index', 'bbbbbbbb', 'claim', answer #> '{remember,claim}')), number => 170))) FROM test.kept;
SELECT test.audit(170);

-- Violations of the contract: an error for the addon, and no row.
SELECT mcp_gate('{}');
SELECT mcp_gate('{"call_id": "not a uuid"}');
SELECT mcp_gate(test.request('{"credential": {"scheme": "digest"}}'));
SELECT mcp_resume('{}', '{"key_id": 1}');
SELECT mcp_resume('{"at": "gate", "waiting": {}}', '{"key_id": 1}');
DROP TABLE test.kept;

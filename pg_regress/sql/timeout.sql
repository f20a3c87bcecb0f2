-- Time limits: the caller's statement_timeout stays in force, and the core has its own.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
-- Shows the duration of a statement as a range.
CREATE FUNCTION pg_temp.sleep(seconds float8) RETURNS text LANGUAGE sql AS $$ SELECT 'slept' FROM pg_sleep(seconds) $$;

-- The caller's limit continues after a function of the extension, whether the function sets its own timer or not.
SET statement_timeout = '1s';
SELECT mcp_status() ->> 'ready', pg_temp.sleep(30);
SELECT mcp_dispatch_tool(6, 'list_models', '{}') ? 'result', pg_temp.sleep(30);
SELECT mcp_dispatch_tool(6, 'nobody', '{}') ? 'result', pg_temp.sleep(30);
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}'), 3), pg_temp.sleep(30);
SELECT mcp_to_local('2026-01-01', 'UTC'), pg_temp.sleep(30);
SELECT mcp_check_access(2, 'res.partner', 'read') ->> 'allowed', pg_temp.sleep(30);
-- It does not fire too early either. It applies to the statement, not to each call.
SET statement_timeout = '5s';
SELECT mcp_status() ->> 'ready', pg_temp.sleep(1);
SELECT count(mcp_status()), pg_temp.sleep(1) FROM generate_series(1, 20);
SELECT mcp_status() ->> 'ready', pg_temp.sleep(1.5), mcp_status() ->> 'ready', pg_temp.sleep(1.5), mcp_status() ->> 'ready', pg_temp.sleep(1.5), mcp_status() ->> 'ready', pg_temp.sleep(1.5);
RESET statement_timeout;

-- A caller without a limit has none afterwards: the extension's limit of five seconds ends with the call.
SELECT mcp_status() ->> 'ready', pg_temp.sleep(5.5);

-- The caller's limit within a function of the extension: the statement is cancelled, and no handler catches the error.
CREATE FUNCTION test.slowly() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN PERFORM pg_sleep(60); RETURN true; END $$;
BEGIN;
ALTER TABLE ir_model RENAME TO ir_model_fast;
CREATE VIEW ir_model AS SELECT * FROM ir_model_fast WHERE test.slowly();
SET LOCAL statement_timeout = '500ms';
SAVEPOINT s;
SELECT mcp_dispatch_tool(6, 'list_models', '{}');
ROLLBACK TO s;
SELECT mcp_handle(test.pass(1), test.request('{"body": "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"tools/call\", \"params\": {\"name\": \"list_models\"}}"}'));
ROLLBACK TO s;
SELECT mcp_check_access(2, 'res.partner', 'read');
ROLLBACK;
-- The core's own limit: a tool that takes too long fails with 200 and isError. It has its row, and the session
-- continues. The client does not get PostgreSQL's message.
BEGIN;
ALTER TABLE ir_model RENAME TO ir_model_fast;
CREATE VIEW ir_model AS SELECT * FROM ir_model_fast WHERE test.slowly();
SELECT clock_timestamp() AS started \gset
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_models"}}', number => 1), 3);
SELECT clock_timestamp() - :'started' BETWEEN interval '9 seconds' AND interval '30 seconds';
SELECT answer #>> '{reply,body}' ~ '"isError":true', answer #>> '{reply,body}' ~ 'SQLSTATE|57014|statement' FROM test.answer WHERE number = 1;
SELECT tool, http_status, count(*) FROM mcp_audit_log WHERE call_id = test.call_id(1)::uuid GROUP BY 1, 2;
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}'), 3);
ROLLBACK;
DROP FUNCTION test.slowly();

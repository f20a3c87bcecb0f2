-- Time limits: the caller's statement_timeout is never lost, and the core has one of its own.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
-- How long a statement took, at least and at most, instead of the time itself.
CREATE FUNCTION pg_temp.sleep(seconds float8) RETURNS text LANGUAGE sql AS $$ SELECT 'slept' FROM pg_sleep(seconds) $$;

-- The caller's limit goes on after a function of ours, whether it arms its own timer or not.
SET statement_timeout = '1s';
SELECT mcp_status() ->> 'ready', pg_temp.sleep(30);
SELECT mcp_dispatch_tool(6, 'list_models', '{}') ? 'result', pg_temp.sleep(30);
SELECT mcp_dispatch_tool(6, 'nobody', '{}') ? 'result', pg_temp.sleep(30);
SELECT left(test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}'), 3), pg_temp.sleep(30);
SELECT mcp_to_local('2026-01-01', 'UTC'), pg_temp.sleep(30);
SELECT mcp_check_access(2, 'res.partner', 'read') ->> 'allowed', pg_temp.sleep(30);
-- Nor does it come too early, and it is one for the statement, not for each call.
SET statement_timeout = '5s';
SELECT mcp_status() ->> 'ready', pg_temp.sleep(1);
SELECT count(mcp_status()), pg_temp.sleep(1) FROM generate_series(1, 20);
SELECT mcp_status() ->> 'ready', pg_temp.sleep(1.5), mcp_status() ->> 'ready', pg_temp.sleep(1.5), mcp_status() ->> 'ready', pg_temp.sleep(1.5), mcp_status() ->> 'ready', pg_temp.sleep(1.5);
RESET statement_timeout;

-- A caller without a limit has none afterwards: ours of five seconds is gone with the call.
SELECT mcp_status() ->> 'ready', pg_temp.sleep(5.5);

-- The caller's limit within a function of ours: the statement is cancelled, and nothing is caught by mistake.
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
-- The core's own limit: a tool that takes too long has failed, which is 200 with isError; it has its row, and the session goes on.
-- PostgreSQL's words are not told to the client.
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

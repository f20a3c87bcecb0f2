-- mcp_maintain(): deletes expired sessions and old audit rows, and settles calls whose process died.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
SELECT mcp_maintain();

-- In-flight calls: an old one, a recent one, and an old one that already has its row.
SELECT left(test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"name": "A"}}', 2, 1), 16);
SELECT left(test.tool('write', '{"model": "res.partner", "ids": [8], "values": {"name": "A"}}', 2, 2), 16);
SELECT left(test.tool('write', '{"model": "res.partner", "ids": [9], "values": {"name": "A"}}', 2, 3), 16);
UPDATE mcp_inflight_call SET started = started - interval '361 seconds' WHERE call_id IN (test.call_id(1)::uuid, test.call_id(3)::uuid);
UPDATE mcp_inflight_call SET started = started - interval '350 seconds' WHERE call_id = test.call_id(2)::uuid;
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(3), 'status', 'ok'));
SELECT mcp_maintain();
SELECT call_id FROM mcp_inflight_call;
SELECT test.audit(1);
SELECT test.audit(3);
-- The row has the time at which the call began, and the call can no longer succeed.
SELECT timezone('UTC', now()) - create_date BETWEEN interval '361 seconds' AND interval '420 seconds' FROM mcp_audit_log WHERE call_id = test.call_id(1)::uuid;
SELECT answer -> 'state' AS state FROM test.answer WHERE number = 1 \gset
SELECT mcp_resume(:'state', '{"result": {"ids": [7]}}');
-- The recent call can.
SELECT test.outcome(2, '{"result": {"ids": [8]}}');
SELECT mcp_maintain();
-- The time limit of the call counts.
SELECT left(test.tool('count', '{"model": "res.partner"}', 2, 4), 4);
UPDATE mcp_inflight_call SET started = started - interval '1 hour';
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.call_seconds', '600');
SELECT mcp_maintain();
DELETE FROM ir_config_parameter WHERE key = 'odoo_mcp.call_seconds';
SELECT mcp_maintain();

-- Sessions are deleted a day after they expire or close.
SELECT test.clear();
INSERT INTO mcp_session (session_id, user_id, protocol_version, create_date, last_seen, expires_at, closed_at)
SELECT name, 2, '2025-11-25', now_utc - interval '9 days', now_utc - interval '9 days', now_utc + expires, now_utc + closed
FROM (SELECT timezone('UTC', now()) AS now_utc) n, (VALUES
    ('living', interval '1 hour', NULL::interval), ('expired an hour ago', interval '-1 hour', NULL), ('expired two days ago', interval '-2 days', NULL),
    ('closed an hour ago', interval '1 hour', interval '-1 hour'), ('closed two days ago', interval '1 hour', interval '-2 days')) s (name, expires, closed);
SELECT mcp_maintain();
SELECT session_id FROM mcp_session ORDER BY 1;

-- Audit rows are retained for the configured time, and deleted in whole checkpoints.
CREATE FUNCTION pg_temp.of(days integer[]) RETURNS text LANGUAGE sql AS $$
SELECT count(mcp_audit_insert(jsonb_build_object('call_id', test.call_id(1000 + d), 'status', 'ok', 'create_date', timezone('UTC', now()) - make_interval(days => d, mins => 1))))::text
FROM unnest(days) d $$;
SELECT pg_temp.of('{400,95}');
SELECT mcp_maintain();
SELECT pg_temp.of('{92,89}');
SELECT mcp_maintain();
SELECT pg_temp.of('{31,0}');
SELECT mcp_maintain();
SELECT call_id FROM mcp_audit_log ORDER BY id;
-- The checkpoint with the row of 89 days stays whole. Verification tells retired rows from deleted ones.
SELECT mcp_audit_verify() - 'head';
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.audit_days', '30');
SELECT mcp_maintain();
SELECT call_id FROM mcp_audit_log ORDER BY id;
SELECT mcp_audit_verify() - 'head';
DELETE FROM ir_config_parameter WHERE key = 'odoo_mcp.audit_days';
SELECT test.clear();

-- A copy for tests must not be open to the AI clients of the original.
DELETE FROM mcp_question;
DELETE FROM mcp_session;
DELETE FROM mcp_call;
DELETE FROM mcp_bucket;
DELETE FROM mcp_lockout;
-- Cursors and request states of the original open nothing here.
DELETE FROM mcp_secret WHERE name = 'token';
INSERT INTO mcp_secret (name, secret)
VALUES ('token', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
INSERT INTO ir_config_parameter (key, value)
VALUES ('odoo_mcp.enabled', 'False')
ON CONFLICT (key) DO UPDATE SET value = 'False';

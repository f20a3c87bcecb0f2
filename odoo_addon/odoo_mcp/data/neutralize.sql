-- A copy for tests must not be open to the AI clients of the original.
DELETE FROM mcp_input_request;
DELETE FROM mcp_idempotency;
DELETE FROM mcp_session;
DELETE FROM mcp_inflight_call;
DELETE FROM mcp_rate_bucket;
DELETE FROM mcp_lockout;
-- With new secrets this copy rejects cursors and request states of the original, and its audit rows are distinguishable
-- from the original's. The seals belong to the original: this copy starts a new chain and accepts the copied rows as
-- they are.
SELECT set_config('odoo_mcp.audit_retention', 'on', true);
DELETE FROM mcp_audit_seal;
SELECT set_config('odoo_mcp.audit_retention', 'off', true);
DELETE FROM mcp_secret;
INSERT INTO mcp_secret (name, secret, since, database_uuid)
SELECT wanted.name, decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
    (SELECT coalesce(max(id), 0) FROM mcp_audit_log),
    (SELECT value FROM ir_config_parameter WHERE key = 'database.uuid')
FROM (VALUES ('audit'), ('token')) AS wanted (name);
INSERT INTO ir_config_parameter (key, value)
VALUES ('odoo_mcp.enabled', 'False')
ON CONFLICT (key) DO UPDATE SET value = 'False';

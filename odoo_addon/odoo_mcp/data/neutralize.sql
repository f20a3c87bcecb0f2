-- A copy for tests must not be open to the AI clients of the original.
DELETE FROM mcp_session;
DELETE FROM mcp_call;
INSERT INTO ir_config_parameter (key, value)
VALUES ('odoo_mcp.enabled', 'False')
ON CONFLICT (key) DO UPDATE SET value = 'False';

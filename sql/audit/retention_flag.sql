-- Sets the flag that makes the triggers of the audit tables let changes pass, for the rest of the transaction.
-- $1 on or off
SELECT pg_catalog.set_config('odoo_mcp.audit_retention', $1, true)

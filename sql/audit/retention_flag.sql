-- Sets or clears the setting that makes the triggers of the audit tables allow changes. It ends with the transaction.
-- $1 on or off
SELECT pg_catalog.set_config('odoo_mcp.audit_retention', $1, true)

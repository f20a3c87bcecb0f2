-- Lets the triggers of the audit's tables pass for the rest of the transaction, or no more. $1 on or off
SELECT pg_catalog.set_config('odoo_mcp.audit_retention', $1, true)

-- Waits for maintenance that is sealing or deleting, and lets none begin: where the transaction has written already, each
-- statement sees what was committed before it.
SELECT pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.hashtextextended('odoo_mcp.audit_seal', 0))::text

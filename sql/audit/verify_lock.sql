-- Waits for maintenance that seals or deletes rows, and blocks it until this transaction ends. In a transaction that
-- has already written, each statement sees what was committed before it.
SELECT pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.hashtextextended('odoo_mcp.audit_seal', 0))::text

-- Whether this transaction may seal. No other transaction may be sealing, and each statement must see all rows
-- committed before it. Returns `go`, `busy` or `isolation`.
SELECT CASE
    WHEN pg_catalog.current_setting('transaction_isolation') <> 'read committed' THEN 'isolation'
    WHEN NOT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('odoo_mcp.audit_seal', 0)) THEN 'busy'
    ELSE 'go' END

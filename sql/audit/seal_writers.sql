-- Transactions that currently write the audit log. Each locks the table before it takes an id, and holds the lock until
-- its end.
SELECT coalesce(pg_catalog.json_agg(DISTINCT l.virtualtransaction), '[]')::text
FROM pg_catalog.pg_locks l
WHERE l.locktype = 'relation' AND l.relation = 'public.mcp_audit_log'::pg_catalog.regclass
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
  AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
  AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()

-- For a copy of another database: makes new secrets and starts a new chain of seals. Accepts the copied rows as they
-- are. (data/neutralize.sql of the addon does the same.)
WITH seals AS (DELETE FROM public.mcp_audit_seal),
head AS (DELETE FROM public.mcp_secret WHERE name = 'audit_head')
UPDATE public.mcp_secret SET
    secret = pg_catalog.decode(pg_catalog.replace(
        pg_catalog.gen_random_uuid()::text || pg_catalog.gen_random_uuid()::text, '-', ''), 'hex'),
    since = CASE name WHEN 'audit' THEN (SELECT coalesce(max(a.id), 0) FROM public.mcp_audit_log a) ELSE 0 END,
    database_uuid = (SELECT p.value FROM public.ir_config_parameter p WHERE p.key = 'database.uuid')
WHERE name <> 'audit_head'

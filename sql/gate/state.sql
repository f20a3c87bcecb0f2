-- Follows fragments/catalogue_version.sql.
-- Whether this database can serve, and the usable API keys of an index with their owners: one row per key, or a single
-- row without a key. All columns are texts. The caller appends the condition on the key's expiry.
-- `catalogue`: the catalogue version (a reinstalled addon has another table); `has_failed`: whether lockouts.sql would
-- return attempts; `own`: limits of the key's scope; `member`: whether the owner is a direct member of one of the
-- groups.
-- $1 key index or null; for `has_failed`: $2 `login`, `key` or null, $3 that login or key, $4 address; $5 and $6 ids of
-- groups
SELECT
    pg_catalog.pg_is_in_recovery()::text AS recovery,
    pg_catalog.current_setting('transaction_isolation') AS isolation,
    (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'odoo_mcp') AS extension,
    (SELECT version FROM catalogue) AS catalogue,
    EXISTS (SELECT FROM public.mcp_lockout l
            WHERE l.address = $4 AND (l.kind, l.subject) IN (('address', ''), ($2, $3)))::text AS has_failed,
    k.id::text AS key_id, k.name::text AS key_name, k.scope::text AS key_scope, k.key::text AS hash,
    CASE WHEN c.id IS NOT NULL THEN pg_catalog.json_build_object(
        'networks', coalesce(c.networks, ''), 'per_minute', coalesce(c.rate_per_minute, 0),
        'burst', coalesce(c.burst, 0), 'max_concurrent', coalesce(c.max_concurrent, 0))::text END AS own,
    u.id::text AS user_id, u.login::text, u.active::text,
    (k.id IS NOT NULL AND EXISTS (
        SELECT FROM public.res_groups_users_rel g WHERE g.uid = u.id AND g.gid IN ($5::int, $6::int)))::text AS member
FROM (VALUES (1)) AS one (row)
LEFT JOIN (
    public.res_users_apikeys k
    JOIN public.res_users u ON u.id = k.user_id
    LEFT JOIN public.mcp_key_scope c ON c.api_key_id = k.id
) ON k.index = $1
   -- a key is invalid if its scope is archived or expired, or if it was made with a scope and has none
   AND (c.id IS NULL AND k.scope IS DISTINCT FROM 'mcp'
        OR c.active AND coalesce(c.expires > pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), true))
   AND (k.scope IS NULL OR k.scope IN ('rpc', 'mcp'))

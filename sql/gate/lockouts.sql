-- Failed attempts and lockouts of a login or key, and of its address (JSON list). $1 `login`, `key` or null, $2 that
-- login or key, $3 address
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'kind', l.kind, 'failures', l.failures,
    -- null: not locked
    'seconds', nullif(greatest(0, pg_catalog.ceil(pg_catalog.date_part(
        'epoch', l.locked_until - pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()))))::int, 0)))::text
FROM public.mcp_lockout l
WHERE l.address = $3 AND (l.kind, l.subject) IN (('address', ''), ($1, $2))

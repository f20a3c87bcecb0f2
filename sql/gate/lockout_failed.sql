-- Records that an attempt has failed. A login, key or address without attempts left is locked out: for one window at
-- first, then for twice as long each time, at most for a day.
-- $1 kind, $2 login or key, $3 address, $4 attempts in a window, $5 attempts of the whole address, $6 minutes of the
-- window
WITH now AS MATERIALIZED (
    SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) AS utc
),
mine AS MATERIALIZED (
    SELECT l.id FROM public.mcp_lockout l
    WHERE l.address = $3 AND (l.kind, l.subject) IN (('address', ''), ($1, $2))
    -- the lock order
    ORDER BY l.kind
    FOR UPDATE
)
UPDATE public.mcp_lockout l SET
    times = l.times + 1,
    locked_until = now.utc + pg_catalog.make_interval(
        mins => least($6::int * pg_catalog.power(2, least(l.times, 12)), 1440)::int)
FROM mine, now
WHERE l.id = mine.id AND l.locked_until IS NULL
  AND l.failures >= CASE l.kind WHEN 'address' THEN $5::int ELSE $4::int END

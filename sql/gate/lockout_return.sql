-- Returns the attempt of a valid credential. $1 kind, $2 login or key, $3 address
WITH mine AS MATERIALIZED (
    SELECT l.id FROM public.mcp_lockout l
    WHERE l.address = $3 AND (l.kind, l.subject) IN (('address', ''), ($1, $2))
    -- the lock order
    ORDER BY l.kind
    FOR UPDATE
),
gone AS (
    DELETE FROM public.mcp_lockout l USING mine
    WHERE l.id = mine.id AND l.failures <= 1 AND l.times = 0 AND l.locked_until IS NULL
)
UPDATE public.mcp_lockout l SET failures = greatest(l.failures - 1, 0)
FROM mine
WHERE l.id = mine.id AND NOT (l.failures <= 1 AND l.times = 0 AND l.locked_until IS NULL)

-- Takes an attempt before the credential is verified: one from the login or key and one from the address, if any is
-- left. An attempt after the window or after a lockout starts a new window. Returns the number taken.
-- $1 kind, $2 login or key, $3 address, $4 attempts in a window, $5 attempts of the whole address, $6 minutes of the
-- window
WITH taken AS (
    INSERT INTO public.mcp_lockout AS l (kind, subject, address, failures, window_start, last_attempt)
    SELECT w.kind, w.subject, $3, 1, n.now, n.now
    FROM (VALUES (1, 'address', ''), (2, $1, $2)) AS w (place, kind, subject),
         (SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) AS now) n
    -- a fixed lock order avoids deadlocks
    ORDER BY w.place
    ON CONFLICT (address, kind, subject) DO UPDATE SET
        failures = CASE WHEN l.locked_until IS NOT NULL
                          OR l.window_start <= excluded.window_start - pg_catalog.make_interval(mins => $6::int)
                        THEN 1 ELSE l.failures + 1 END,
        window_start = CASE WHEN l.locked_until IS NOT NULL
                              OR l.window_start <= excluded.window_start - pg_catalog.make_interval(mins => $6::int)
                            THEN excluded.window_start ELSE l.window_start END,
        -- the number of lockouts is reset after a day without an attempt
        times = CASE WHEN greatest(l.last_attempt, l.locked_until) < excluded.last_attempt - interval '1 day'
                     THEN 0 ELSE l.times END,
        last_attempt = excluded.last_attempt,
        locked_until = NULL
    WHERE CASE WHEN l.locked_until IS NOT NULL THEN l.locked_until <= excluded.last_attempt
               ELSE l.window_start <= excluded.window_start - pg_catalog.make_interval(mins => $6::int)
                 OR l.failures < CASE l.kind WHEN 'address' THEN $5::int ELSE $4::int END END
    RETURNING 1
)
SELECT count(*)::text FROM taken

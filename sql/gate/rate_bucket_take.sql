-- Takes one token from each bucket for one message; one row per token taken. A bucket refills evenly over time, up to
-- its burst. A message that is resent after a broken connection already has its tokens.
-- $1 to $3 a bucket's holder, tokens per minute and burst; $4 to $6 the same of another (holder null: none), $7 call id
INSERT INTO public.mcp_rate_bucket AS b (holder, tokens, per_minute, burst, filled, call_id)
-- A fixed lock order avoids deadlocks.
SELECT w.holder, w.burst - 1, w.per_minute, w.burst, pg_catalog.clock_timestamp(), $7::uuid
FROM (VALUES ($1, $2::float8, $3::float8), ($4, $5::float8, $6::float8)) AS w (holder, per_minute, burst)
WHERE w.holder IS NOT NULL
-- Reads the clock again, after the wait for other transactions on the same bucket.
ON CONFLICT (holder) DO UPDATE SET
    tokens = CASE WHEN b.call_id = excluded.call_id THEN b.tokens
             ELSE least(excluded.burst, b.tokens + excluded.per_minute / 60 * greatest(0,
                      pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - b.filled))) - 1 END,
    filled = CASE WHEN b.call_id = excluded.call_id THEN b.filled ELSE pg_catalog.clock_timestamp() END,
    per_minute = excluded.per_minute,
    burst = excluded.burst,
    call_id = excluded.call_id
WHERE b.call_id = excluded.call_id
   -- tolerance for rounding errors in a sum of fractions
   OR least(excluded.burst, b.tokens + excluded.per_minute / 60 * greatest(0,
          pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - b.filled))) >= 1 - 1e-6

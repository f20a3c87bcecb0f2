-- One token from each bucket, for one message; a row for each one given. A bucket fills up evenly, as time goes by, to
-- its burst. A message that comes again after a broken connection has its tokens already.
-- $1 to $3 a bucket's holder, tokens in a minute and burst; $4 to $6 the same of another (holder null: none), $7 call id
INSERT INTO public.mcp_rate_bucket AS b (holder, tokens, per_minute, burst, filled, call_id)
-- Rows are taken as they are listed, so that no two transactions wait for each other.
SELECT w.holder, w.burst - 1, w.per_minute, w.burst, pg_catalog.clock_timestamp(), $7::uuid
FROM (VALUES ($1, $2::float8, $3::float8), ($4, $5::float8, $6::float8)) AS w (holder, per_minute, burst)
WHERE w.holder IS NOT NULL
-- The clock is read again here, after the wait for whoever takes from the same bucket.
ON CONFLICT (holder) DO UPDATE SET
    tokens = CASE WHEN b.call_id = excluded.call_id THEN b.tokens
             ELSE least(excluded.burst, b.tokens + excluded.per_minute / 60 * greatest(0,
                      pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - b.filled))) - 1 END,
    filled = CASE WHEN b.call_id = excluded.call_id THEN b.filled ELSE pg_catalog.clock_timestamp() END,
    per_minute = excluded.per_minute,
    burst = excluded.burst,
    call_id = excluded.call_id
WHERE b.call_id = excluded.call_id
   -- the last digits of a sum of fractions are no reason to refuse
   OR least(excluded.burst, b.tokens + excluded.per_minute / 60 * greatest(0,
          pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - b.filled))) >= 1 - 1e-6

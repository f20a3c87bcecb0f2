-- Levels of buckets by holder: tokens, and seconds since that number was stored. $1 holders (JSON list), $2 null, or a
-- call id: omits buckets from which this call has taken the last token
SELECT coalesce(pg_catalog.json_object_agg(b.holder, pg_catalog.json_build_array(
    b.tokens, pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - b.filled))), '{}')::text
FROM public.mcp_rate_bucket b
WHERE b.holder IN (SELECT pg_catalog.jsonb_array_elements_text($1::jsonb))
  AND ($2 IS NULL OR b.call_id <> $2::uuid)

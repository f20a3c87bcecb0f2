-- What the HMAC of a row is made of: the row as the table would hold it, and the secret. The count of a refusal grows, so
-- it is left out; columns without a value are too, so that a new column leaves old rows as they were. $1 the row
SELECT pg_catalog.json_build_object(
    'secret', (SELECT pg_catalog.encode(s.secret, 'hex') FROM public.mcp_secret s WHERE s.name = 'audit'),
    'canonical', pg_catalog.jsonb_strip_nulls(pg_catalog.to_jsonb(r) - '{id,mac,count}'::text[])::text)::text
FROM pg_catalog.jsonb_populate_record(NULL::public.mcp_audit_log, $1::jsonb) r

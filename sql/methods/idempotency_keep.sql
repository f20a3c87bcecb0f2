-- Stores a call's answer under its key, in the transaction of the call's change. That transaction claimed the key at
-- its start. If a method has rolled back the claim by itself, this inserts the row again. Returns nothing when another
-- call has the key now.
-- $1 user id, $2 tool, $3 key, $4 call id, $5 credential, $6 digest, $7 digest of the prepared call, $8 seconds, $9
-- answer
INSERT INTO public.mcp_idempotency AS mine
    (user_id, tool, key, call_id, credential, digest, prepared, answer, create_date, expires_at)
SELECT $1::int, $2, $3, $4::uuid, $5, $6, $7, $9::json, n.now, n.now + pg_catalog.make_interval(secs => $8::int)
FROM (SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) AS now) n
ON CONFLICT (user_id, tool, key) DO UPDATE SET answer = excluded.answer WHERE mine.call_id = excluded.call_id
RETURNING 'kept'

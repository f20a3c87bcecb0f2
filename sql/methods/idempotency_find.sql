-- The stored call of an idempotency key. $1 user id, $2 tool, $3 key
SELECT pg_catalog.json_build_object(
    'call_id', o.call_id, 'credential', o.credential, 'digest', o.digest, 'prepared', o.prepared, 'answer', o.answer)::text
FROM public.mcp_idempotency o
WHERE o.user_id = $1::int AND o.tool = $2 AND o.key = $3

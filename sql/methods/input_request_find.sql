-- A stored request and the responses so far. $1 stream, $2 session id
SELECT pg_catalog.json_build_object(
    'id', q.request_id, 'request', q.request, 'question', q.question, 'answers', q.answers,
    'expired', q.expires_at <= pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()))::text
FROM public.mcp_input_request q
WHERE q.stream = $1::uuid AND q.session_id = $2

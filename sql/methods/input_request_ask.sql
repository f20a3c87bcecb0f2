-- Stores a request that waits for responses of its client. Returns nothing when the session has too many such requests.
-- $1 an object with its columns, `seconds` until it expires, and `most` requests per session
INSERT INTO public.mcp_input_request (stream, session_id, request_id, request, question, expires_at)
SELECT q.stream, q.session_id, q.request_id, q.request, q.question,
       n.now + pg_catalog.make_interval(secs => q.seconds)
FROM pg_catalog.jsonb_to_record($1::jsonb) AS q (
         stream uuid, session_id varchar, request_id jsonb, request jsonb, question jsonb, seconds int, most int),
     (SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) AS now) n
WHERE q.most > (
    SELECT count(*) FROM public.mcp_input_request w
    WHERE w.session_id = q.session_id AND w.request IS NOT NULL AND w.expires_at > n.now)
RETURNING stream::text

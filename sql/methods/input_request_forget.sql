-- Deletes a request that its client has cancelled. $1 session id, $2 the request's JSON-RPC id
DELETE FROM public.mcp_input_request WHERE session_id = $1 AND request_id = $2::jsonb AND request IS NOT NULL
RETURNING stream::text

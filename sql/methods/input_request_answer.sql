-- Stores a client's response; only the first one to an input request counts. $1 stream, $2 key of the input request, $3
-- the response
UPDATE public.mcp_input_request SET answers = pg_catalog.jsonb_build_object($2, $3::jsonb) || answers
WHERE stream = $1::uuid AND request IS NOT NULL

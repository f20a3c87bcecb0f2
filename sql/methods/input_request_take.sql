-- Takes a stored request: its content is removed, since it is no longer needed. $1 stream
UPDATE public.mcp_input_request SET request = NULL, question = '{"r": {}}', answers = '{}'
WHERE stream = $1::uuid AND request IS NOT NULL
RETURNING stream::text

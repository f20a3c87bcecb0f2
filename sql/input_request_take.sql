-- Take a request up: what it consists of is not needed any more. $1 stream
UPDATE public.mcp_input_request SET request = NULL, question = '{"r": {}}', answers = '{}'
WHERE stream = $1::uuid AND request IS NOT NULL
RETURNING stream::text

-- Takes a stored request for one connection, and deletes its content. Returns nothing when another connection has taken
-- it.
-- $1 stream
UPDATE public.mcp_input_request SET request = NULL, question = '{"r": {}}', answers = '{}'
WHERE stream = $1::uuid AND request IS NOT NULL
RETURNING stream::text

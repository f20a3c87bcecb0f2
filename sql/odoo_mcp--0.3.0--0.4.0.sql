-- What stores addresses and networks has them read by the parser that the gate uses.
CREATE FUNCTION public.mcp_check_networks(networks text, strategy text, address text)
RETURNS jsonb
STRICT IMMUTABLE PARALLEL SAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c
AS 'MODULE_PATHNAME', 'mcp_check_networks_wrapper';

COMMENT ON FUNCTION public.mcp_check_networks(text, text, text) IS
'What is wrong with a list of addresses and networks, one a line, and whether an address (if it is not empty) may come under the strategy allow or deny with it.';

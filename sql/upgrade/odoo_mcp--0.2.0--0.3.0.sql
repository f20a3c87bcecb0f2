-- The addon's own door: texts in, text out, so that nothing long is parsed and escaped more than once.
CREATE FUNCTION public.mcp_exchange(request text, body text, pass text)
RETURNS text
VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c
AS 'MODULE_PATHNAME', 'mcp_exchange_wrapper';

CREATE FUNCTION public.mcp_continue(state text, outcome text)
RETURNS text
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c
AS 'MODULE_PATHNAME', 'mcp_continue_wrapper';

ALTER FUNCTION public.mcp_exchange(text, text, text) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_continue(text, text) SET plan_cache_mode = force_generic_plan;

COMMENT ON FUNCTION public.mcp_exchange(text, text, text) IS
'mcp_gate and mcp_handle for the Odoo addon odoo_mcp: takes one HTTP request, its body and the pass of an earlier statement (or null), gives an answer in two lines. The message is handled in the same statement unless its audit row must be on disk before the answer.';
COMMENT ON FUNCTION public.mcp_continue(text, text) IS
'mcp_resume for the Odoo addon odoo_mcp: takes the state and the outcome of a step, gives an answer in two lines.';

-- mcp_check_access takes an API key. A default for it makes the old function ambiguous, so that one goes.
DROP FUNCTION public.mcp_check_access(integer, text, text, text[]);

CREATE FUNCTION public.mcp_check_access(
    uid integer, model text, operation text, fields text[] DEFAULT '{}', api_key_id integer DEFAULT NULL)
RETURNS jsonb
STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c
AS 'MODULE_PATHNAME', 'mcp_check_access_by_key_wrapper';

COMMENT ON FUNCTION public.mcp_check_access(integer, text, text, text[], integer) IS
'Whether a user may read, write, create or unlink records of a model and use these fields, with an API key if one is named, and the first reason why or why not.';

CREATE FUNCTION public.mcp_audit_verify()
RETURNS jsonb
STRICT STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c
AS 'MODULE_PATHNAME', 'mcp_audit_verify_wrapper';

COMMENT ON FUNCTION public.mcp_audit_verify() IS
'Checks the HMAC of every audit row and names the first that was altered or put in by hand, or says that there is none.';

-- Statements of these functions are prepared once per backend and take few parameters: planning them anew for each
-- parameter costs more than it can gain.
ALTER FUNCTION public.mcp_gate(jsonb) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_handle(jsonb, jsonb) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_handle(jsonb) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_resume(jsonb, jsonb) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_dispatch_tool(integer, text, jsonb, jsonb) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_check_access(integer, text, text, text[], integer) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_audit_insert(jsonb) SET plan_cache_mode = force_generic_plan;

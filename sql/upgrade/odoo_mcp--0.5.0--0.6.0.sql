-- 0.6.0 reads mcp_model_fact, which addon 19.0.0.5.0 makes.
CREATE FUNCTION public.mcp_closed_models() RETURNS jsonb
STRICT STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_closed_models_wrapper';
COMMENT ON FUNCTION public.mcp_closed_models() IS
'The models that are closed to MCP unless an access record opens them: a list of model, label, reason, read (closed for reading, too) and opened (a record opens it now).';

ALTER FUNCTION public.mcp_gate(jsonb) SET jit = off;
ALTER FUNCTION public.mcp_handle(jsonb, jsonb) SET jit = off;
ALTER FUNCTION public.mcp_handle(jsonb) SET jit = off;
ALTER FUNCTION public.mcp_resume(jsonb, jsonb) SET jit = off;
ALTER FUNCTION public.mcp_exchange(text, text, text) SET jit = off;
ALTER FUNCTION public.mcp_continue(text, text) SET jit = off;
ALTER FUNCTION public.mcp_dispatch_tool(integer, text, jsonb, jsonb) SET jit = off;
ALTER FUNCTION public.mcp_check_access(integer, text, text, text[], integer) SET jit = off;
ALTER FUNCTION public.mcp_audit_insert(jsonb) SET jit = off;

DROP FUNCTION public.mcp_check_networks(text, text, text);
CREATE FUNCTION public.mcp_validate(kind text, value jsonb) RETURNS jsonb
IMMUTABLE STRICT PARALLEL SAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_validate_wrapper';
COMMENT ON FUNCTION public.mcp_validate(text, jsonb) IS
'Checks what an administrator enters: networks, uri_template, prompt_text or tool_schema. Gives the problem, or null, and what was read in the value.';

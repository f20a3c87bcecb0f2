-- 0.6.0 reads mcp_model_fact, which addon 19.0.0.5.0 makes.
CREATE FUNCTION public.mcp_closed_models() RETURNS jsonb
STRICT STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_closed_models_wrapper';
COMMENT ON FUNCTION public.mcp_closed_models() IS
'Returns the models that are closed to MCP unless an access record opens them. The list has model, label, reason, read (the model is also closed for reading) and opened (an access record opens it now).';

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
'Checks a value that an administrator enters: networks, uri_template, prompt_text or tool_schema. Returns the problem, or null, and the parsed parts of the value.';

COMMENT ON FUNCTION public.mcp_gate(jsonb) IS
'Authenticates and admits one HTTP request without its body. Returns a pass, a refusal or a credential to verify. The Odoo addon odoo_mcp calls it.';
COMMENT ON FUNCTION public.mcp_handle(jsonb, jsonb) IS
'Handles one HTTP exchange after the gate. Takes the pass and the request with its body. Returns a reply or a step that Odoo must run.';
COMMENT ON FUNCTION public.mcp_handle(jsonb) IS
'Runs the gate and handles the request in one statement, for SQL users and tests.';
COMMENT ON FUNCTION public.mcp_resume(jsonb, jsonb) IS
'Continues an exchange after a step. Takes the state and the outcome. Returns a reply or another step. After an ORM step it is the last statement of Odoo''s transaction and writes the audit row.';
COMMENT ON FUNCTION public.mcp_exchange(text, text, text) IS
'Combines mcp_gate and mcp_handle for the Odoo addon odoo_mcp. Takes one HTTP request, its body and the pass of an earlier statement (or null). Returns an answer in two lines. The same statement handles the message unless its audit row must be on disk before the answer.';
COMMENT ON FUNCTION public.mcp_continue(text, text) IS
'Calls mcp_resume for the Odoo addon odoo_mcp. Takes the state and the outcome of a step. Returns an answer in two lines.';
COMMENT ON FUNCTION public.mcp_dispatch_tool(integer, text, jsonb, jsonb) IS
'Runs one tool call of a user without HTTP. Returns the result or the step that Odoo must run. The context accepts lang, tz and allowed_company_ids.';
COMMENT ON FUNCTION public.mcp_check_access(integer, text, text, text[], integer) IS
'Returns whether a user can read, write, create or unlink records of a model and use these fields, with the first reason for the decision. It applies the scope of the API key if one is named.';
COMMENT ON FUNCTION public.mcp_audit_insert(jsonb) IS
'Writes one audit row unless the call already has one. The addon calls it when a statement of the core has failed.';
COMMENT ON FUNCTION public.mcp_audit_verify() IS
'Verifies the audit log. Returns the first altered, missing or inserted audit row or seal, if any, and the numbers of verified rows and seals.';
COMMENT ON FUNCTION public.mcp_maintain() IS
'Performs one portion of maintenance. It deletes expired sessions and idempotency keys, settles calls whose process died, seals the audit log and deletes audit rows after their retention. "more" is true if another run has more work. Odoo''s scheduler calls it.';
COMMENT ON FUNCTION public.mcp_status() IS
'Returns the versions of extension, addon, Odoo, PostgreSQL and time zone data, whether MCP can serve, and hints for each problem.';
COMMENT ON FUNCTION public.mcp_to_utc(text, text) IS
'Converts a local time in a time zone (or a time with its own offset) to UTC. It shifts a time in a gap forward by the gap, and takes the earlier instant in an overlap.';
COMMENT ON FUNCTION public.mcp_to_local(timestamp without time zone, text) IS
'Converts a UTC time to a time zone. Returns the local time with its offset.';

-- What CREATE EXTENSION odoo_mcp runs: every SQL function, with its comment.
--
-- The declarations must match the functions in src/lib.rs: `tests/surface` compares them with the declarations that
-- pgrx generates, and with the symbols of the library. Each change also needs a script in sql/upgrade.
--
-- plan_cache_mode: each backend prepares the statements of these functions once. A new plan for each set of parameters
-- costs more than it can gain.
-- jit: the statements read a few thousand rows at most. Compiling one takes longer than running it.

CREATE FUNCTION public.mcp_gate(request jsonb) RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_gate_wrapper';
COMMENT ON FUNCTION public.mcp_gate(jsonb) IS
'Authenticates and admits one HTTP request without its body. Returns a pass, a refusal or a credential to verify. The Odoo addon odoo_mcp calls it.';

CREATE FUNCTION public.mcp_handle(pass jsonb, request jsonb) RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_handle_wrapper';
COMMENT ON FUNCTION public.mcp_handle(jsonb, jsonb) IS
'Handles one HTTP exchange after the gate. Takes the pass and the request with its body. Returns a reply or a step that Odoo must run.';

CREATE FUNCTION public.mcp_handle(request jsonb) RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_gate_and_handle_wrapper';
COMMENT ON FUNCTION public.mcp_handle(jsonb) IS
'Runs the gate and handles the request in one statement, for SQL users and tests.';

CREATE FUNCTION public.mcp_resume(state jsonb, outcome jsonb) RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_resume_wrapper';
COMMENT ON FUNCTION public.mcp_resume(jsonb, jsonb) IS
'Continues an exchange after a step. Takes the state and the outcome. Returns a reply or another step. After an ORM step it is the last statement of Odoo''s transaction and writes the audit row.';

CREATE FUNCTION public.mcp_exchange(request text, body text, pass text) RETURNS text
VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_exchange_wrapper';
COMMENT ON FUNCTION public.mcp_exchange(text, text, text) IS
'Combines mcp_gate and mcp_handle for the Odoo addon odoo_mcp. Takes one HTTP request, its body and the pass of an earlier statement (or null). Returns an answer in two lines. The same statement handles the message unless its audit row must be on disk before the answer.';

CREATE FUNCTION public.mcp_continue(state text, outcome text) RETURNS text
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_continue_wrapper';
COMMENT ON FUNCTION public.mcp_continue(text, text) IS
'Calls mcp_resume for the Odoo addon odoo_mcp. Takes the state and the outcome of a step. Returns an answer in two lines.';

CREATE FUNCTION public.mcp_dispatch_tool(
    uid integer,
    tool text,
    arguments jsonb,
    context jsonb DEFAULT '{}'
) RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_dispatch_tool_wrapper';
COMMENT ON FUNCTION public.mcp_dispatch_tool(integer, text, jsonb, jsonb) IS
'Runs one tool call of a user without HTTP. Returns the result or the step that Odoo must run. The context accepts lang, tz and allowed_company_ids.';

CREATE FUNCTION public.mcp_check_access(
    uid integer,
    model text,
    operation text,
    fields text[] DEFAULT '{}',
    api_key_id integer DEFAULT NULL
) RETURNS jsonb
STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_check_access_by_key_wrapper';
COMMENT ON FUNCTION public.mcp_check_access(integer, text, text, text[], integer) IS
'Returns whether a user can read, write, create or unlink records of a model and use these fields, with the first reason for the decision. It applies the scope of the API key if one is named.';

CREATE FUNCTION public.mcp_audit_insert(entry jsonb) RETURNS void
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_audit_insert_wrapper';
COMMENT ON FUNCTION public.mcp_audit_insert(jsonb) IS
'Writes one audit row unless the call already has one. The addon calls it when a statement of the core has failed.';

CREATE FUNCTION public.mcp_audit_verify() RETURNS jsonb
STRICT STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_audit_verify_wrapper';
COMMENT ON FUNCTION public.mcp_audit_verify() IS
'Verifies the audit log. Returns the first altered, missing or inserted audit row or seal, if any, and the numbers of verified rows and seals.';

CREATE FUNCTION public.mcp_maintain() RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_maintain_wrapper';
COMMENT ON FUNCTION public.mcp_maintain() IS
'Performs one portion of maintenance. It deletes expired sessions and idempotency keys, settles calls whose process died, seals the audit log and deletes audit rows after their retention. "more" is true if another run has more work. Odoo''s scheduler calls it.';

CREATE FUNCTION public.mcp_status() RETURNS jsonb
STRICT STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_status_wrapper';
COMMENT ON FUNCTION public.mcp_status() IS
'Returns the versions of extension, addon, Odoo, PostgreSQL and time zone data, whether MCP can serve, and hints for each problem.';

CREATE FUNCTION public.mcp_closed_models() RETURNS jsonb
STRICT STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_closed_models_wrapper';
COMMENT ON FUNCTION public.mcp_closed_models() IS
'Returns the models that are closed to MCP unless an access record opens them. The list has model, label, reason, read (the model is also closed for reading) and opened (an access record opens it now).';

CREATE FUNCTION public.mcp_validate(kind text, value jsonb) RETURNS jsonb
IMMUTABLE STRICT PARALLEL SAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_validate_wrapper';
COMMENT ON FUNCTION public.mcp_validate(text, jsonb) IS
'Checks a value that an administrator enters: networks, uri_template, prompt_text or tool_schema. Returns the problem, or null, and the parsed parts of the value.';

CREATE FUNCTION public.mcp_to_utc(local text, tz text) RETURNS timestamp
IMMUTABLE STRICT PARALLEL SAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_to_utc_wrapper';
COMMENT ON FUNCTION public.mcp_to_utc(text, text) IS
'Converts a local time in a time zone (or a time with its own offset) to UTC. It shifts a time in a gap forward by the gap, and takes the earlier instant in an overlap.';

CREATE FUNCTION public.mcp_to_local(utc timestamp, tz text) RETURNS text
IMMUTABLE STRICT PARALLEL SAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_to_local_wrapper';
COMMENT ON FUNCTION public.mcp_to_local(timestamp without time zone, text) IS
'Converts a UTC time to a time zone. Returns the local time with its offset.';

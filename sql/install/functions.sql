-- What CREATE EXTENSION odoo_mcp runs: every SQL function, with its comment.
--
-- The declarations must be those of the functions in src/lib.rs: `tests/surface` holds them against what pgrx would
-- generate, and against the symbols of the library. Each change also needs a script in sql/upgrade.
--
-- plan_cache_mode: the statements of these functions are prepared once per backend and take few parameters. Planning
-- them anew for each parameter costs more than it can gain.
-- jit: they read a few thousand rows at most. Compiling one takes longer than running it.

CREATE FUNCTION public.mcp_gate(request jsonb) RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_gate_wrapper';
COMMENT ON FUNCTION public.mcp_gate(jsonb) IS
'Who may enter: takes one HTTP request without its body and gives a pass, a refusal or a credential to verify. Called by the Odoo addon odoo_mcp.';

CREATE FUNCTION public.mcp_handle(pass jsonb, request jsonb) RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_handle_wrapper';
COMMENT ON FUNCTION public.mcp_handle(jsonb, jsonb) IS
'One HTTP exchange behind the gate: takes the pass and the request with its body, gives a reply or a step that Odoo must run.';

CREATE FUNCTION public.mcp_handle(request jsonb) RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_gate_and_handle_wrapper';
COMMENT ON FUNCTION public.mcp_handle(jsonb) IS
'Gate and handling in one statement, for SQL users and tests.';

CREATE FUNCTION public.mcp_resume(state jsonb, outcome jsonb) RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_resume_wrapper';
COMMENT ON FUNCTION public.mcp_resume(jsonb, jsonb) IS
'Goes on after a step: takes the state and the outcome, gives again a reply or a step. After an ORM step it is the last statement of Odoo''s transaction and writes the audit row.';

CREATE FUNCTION public.mcp_exchange(request text, body text, pass text) RETURNS text
VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_exchange_wrapper';
COMMENT ON FUNCTION public.mcp_exchange(text, text, text) IS
'mcp_gate and mcp_handle for the Odoo addon odoo_mcp: takes one HTTP request, its body and the pass of an earlier statement (or null), gives an answer in two lines. The message is handled in the same statement unless its audit row must be on disk before the answer.';

CREATE FUNCTION public.mcp_continue(state text, outcome text) RETURNS text
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_continue_wrapper';
COMMENT ON FUNCTION public.mcp_continue(text, text) IS
'mcp_resume for the Odoo addon odoo_mcp: takes the state and the outcome of a step, gives an answer in two lines.';

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
'One tool call of a user without HTTP: gives the result, or the step that Odoo must run. The context takes lang, tz and allowed_company_ids.';

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
'Whether a user may read, write, create or unlink records of a model and use these fields, with an API key if one is named, and the first reason why or why not.';

CREATE FUNCTION public.mcp_audit_insert(entry jsonb) RETURNS void
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET plan_cache_mode TO force_generic_plan
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_audit_insert_wrapper';
COMMENT ON FUNCTION public.mcp_audit_insert(jsonb) IS
'Writes one audit row unless the call has one. For the addon, when a statement of the core has failed.';

CREATE FUNCTION public.mcp_audit_verify() RETURNS jsonb
STRICT STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_audit_verify_wrapper';
COMMENT ON FUNCTION public.mcp_audit_verify() IS
'Names the first audit row or seal that was altered, is missing or was put in later, or says that there is none; and what was checked.';

CREATE FUNCTION public.mcp_maintain() RETURNS jsonb
STRICT VOLATILE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_maintain_wrapper';
COMMENT ON FUNCTION public.mcp_maintain() IS
'Housekeeping: deletes sessions and idempotency keys that are over, settles calls whose process died, seals the audit log and deletes its rows that are past their time, a portion each time; "more" says that another run would go on. Called by Odoo''s scheduler.';

CREATE FUNCTION public.mcp_status() RETURNS jsonb
STRICT STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_status_wrapper';
COMMENT ON FUNCTION public.mcp_status() IS
'Versions of extension, addon, Odoo, PostgreSQL and time zone data, whether MCP can serve, and what to do where it cannot.';

CREATE FUNCTION public.mcp_closed_models() RETURNS jsonb
STRICT STABLE PARALLEL UNSAFE
SET search_path TO pg_catalog, pg_temp
SET jit TO off
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_closed_models_wrapper';
COMMENT ON FUNCTION public.mcp_closed_models() IS
'The models that are closed to MCP unless an access record opens them: a list of model, label, reason, read (closed for reading, too) and opened (a record opens it now).';

CREATE FUNCTION public.mcp_validate(kind text, value jsonb) RETURNS jsonb
IMMUTABLE STRICT PARALLEL SAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_validate_wrapper';
COMMENT ON FUNCTION public.mcp_validate(text, jsonb) IS
'Checks what an administrator enters: networks, uri_template, prompt_text or tool_schema. Gives the problem, or null, and what was read in the value.';

CREATE FUNCTION public.mcp_to_utc(local text, tz text) RETURNS timestamp
IMMUTABLE STRICT PARALLEL SAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_to_utc_wrapper';
COMMENT ON FUNCTION public.mcp_to_utc(text, text) IS
'A local time in a time zone (or a time with its own offset) as UTC. In a gap the time is shifted forward by the gap, in an overlap it is the earlier instant.';

CREATE FUNCTION public.mcp_to_local(utc timestamp, tz text) RETURNS text
IMMUTABLE STRICT PARALLEL SAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c AS 'MODULE_PATHNAME', 'mcp_to_local_wrapper';
COMMENT ON FUNCTION public.mcp_to_local(timestamp without time zone, text) IS
'A UTC time in a time zone, with its offset.';

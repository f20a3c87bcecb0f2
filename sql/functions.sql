-- Statements of these functions are prepared once per backend and take few parameters: planning them anew for each
-- parameter costs more than it can gain.
ALTER FUNCTION public.mcp_gate(jsonb) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_handle(jsonb, jsonb) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_handle(jsonb) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_resume(jsonb, jsonb) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_exchange(text, text, text) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_continue(text, text) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_dispatch_tool(integer, text, jsonb, jsonb) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_check_access(integer, text, text, text[], integer) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION public.mcp_audit_insert(jsonb) SET plan_cache_mode = force_generic_plan;

COMMENT ON FUNCTION public.mcp_gate(jsonb) IS
'Who may enter: takes one HTTP request without its body and gives a pass, a refusal or a credential to verify. Called by the Odoo addon odoo_mcp.';
COMMENT ON FUNCTION public.mcp_handle(jsonb, jsonb) IS
'One HTTP exchange behind the gate: takes the pass and the request with its body, gives a reply or a step that Odoo must run.';
COMMENT ON FUNCTION public.mcp_handle(jsonb) IS
'Gate and handling in one statement, for SQL users and tests.';
COMMENT ON FUNCTION public.mcp_resume(jsonb, jsonb) IS
'Goes on after a step: takes the state and the outcome, gives again a reply or a step. After an ORM step it is the last statement of Odoo''s transaction and writes the audit row.';
COMMENT ON FUNCTION public.mcp_exchange(text, text, text) IS
'mcp_gate and mcp_handle for the Odoo addon odoo_mcp: takes one HTTP request, its body and the pass of an earlier statement (or null), gives an answer in two lines. The message is handled in the same statement unless its audit row must be on disk before the answer.';
COMMENT ON FUNCTION public.mcp_continue(text, text) IS
'mcp_resume for the Odoo addon odoo_mcp: takes the state and the outcome of a step, gives an answer in two lines.';
COMMENT ON FUNCTION public.mcp_dispatch_tool(integer, text, jsonb, jsonb) IS
'One tool call of a user without HTTP: gives the result, or the step that Odoo must run. The context takes lang, tz and allowed_company_ids.';
COMMENT ON FUNCTION public.mcp_check_access(integer, text, text, text[], integer) IS
'Whether a user may read, write, create or unlink records of a model and use these fields, with an API key if one is named, and the first reason why or why not.';
COMMENT ON FUNCTION public.mcp_audit_insert(jsonb) IS
'Writes one audit row unless the call has one. For the addon, when a statement of the core has failed.';
COMMENT ON FUNCTION public.mcp_audit_verify() IS
'Names the first audit row or seal that was altered, is missing or was put in later, or says that there is none; and what was checked.';
COMMENT ON FUNCTION public.mcp_maintain() IS
'Housekeeping: deletes sessions and idempotency keys that are over, settles calls whose process died, seals the audit log and deletes its rows that are past their time, a portion each time; "more" says that another run would go on. Called by Odoo''s scheduler.';
COMMENT ON FUNCTION public.mcp_status() IS
'Versions of extension, addon, Odoo, PostgreSQL and time zone data, whether MCP can serve, and what to do where it cannot.';
COMMENT ON FUNCTION public.mcp_check_networks(text, text, text) IS
'What is wrong with a list of addresses and networks, one a line, and whether an address (if it is not empty) may come under the strategy allow or deny with it.';
COMMENT ON FUNCTION public.mcp_to_utc(text, text) IS
'A local time in a time zone (or a time with its own offset) as UTC. In a gap the time is shifted forward by the gap, in an overlap it is the earlier instant.';
COMMENT ON FUNCTION public.mcp_to_local(timestamp without time zone, text) IS
'A UTC time in a time zone, with its offset.';

-- What stores addresses and networks has them read by the parser that the gate uses.
CREATE FUNCTION public.mcp_check_networks(networks text, strategy text, address text)
RETURNS jsonb
STRICT IMMUTABLE PARALLEL SAFE
SET search_path TO pg_catalog, pg_temp
LANGUAGE c
AS 'MODULE_PATHNAME', 'mcp_check_networks_wrapper';

COMMENT ON FUNCTION public.mcp_check_networks(text, text, text) IS
'What is wrong with a list of addresses and networks, one a line, and whether an address (if it is not empty) may come under the strategy allow or deny with it.';

COMMENT ON FUNCTION public.mcp_audit_verify() IS
'Names the first audit row or seal that was altered, is missing or was put in later, or says that there is none; and what was checked.';
COMMENT ON FUNCTION public.mcp_maintain() IS
'Housekeeping: deletes sessions that are over, settles calls whose process died, seals the audit log and deletes its rows that are past their time, a portion each time; "more" says that another run would go on. Called by Odoo''s scheduler.';

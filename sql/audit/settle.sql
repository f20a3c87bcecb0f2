-- Precedes fragments/audit_row.sql. Writes the row of a call that Odoo has run, and removes the in-flight call. A
-- second row for the same call is an error: the first one decides how the call ended. $1 call id
WITH settled AS (DELETE FROM public.mcp_inflight_call WHERE call_id = $1::uuid)

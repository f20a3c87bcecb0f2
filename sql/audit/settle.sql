-- Precedes fragments/audit_row.sql. The row of a call that Odoo has run: the call is no longer in flight. A second row for
-- the same call is an error: the first writer settles a call.
WITH settled AS (DELETE FROM public.mcp_inflight_call WHERE call_id = $1::uuid)

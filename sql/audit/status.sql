-- The status of a call's audit row. $1 call id
SELECT a.status FROM public.mcp_audit_log a WHERE a.call_id = $1::uuid

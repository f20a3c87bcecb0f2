-- Removes a call that has its audit row. $1 call id
DELETE FROM public.mcp_inflight_call WHERE call_id = $1::uuid

-- A call that has its audit row is no longer in flight. $1 call id
DELETE FROM public.mcp_inflight_call WHERE call_id = $1::uuid

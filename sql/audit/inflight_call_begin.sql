-- Registers a call before Odoo runs it. $1 call id, $2 the audit entry so far
INSERT INTO public.mcp_inflight_call (call_id, started, entry)
VALUES ($1::uuid, pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), $2::jsonb)
ON CONFLICT (call_id) DO NOTHING

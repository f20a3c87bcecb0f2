-- No function is new: 0.5.0 reads tables that addon 19.0.0.4.0 makes, and keeps one of them small.
COMMENT ON FUNCTION public.mcp_maintain() IS
'Housekeeping: deletes sessions and idempotency keys that are over, settles calls whose process died, seals the audit log and deletes its rows that are past their time, a portion each time; "more" says that another run would go on. Called by Odoo''s scheduler.';

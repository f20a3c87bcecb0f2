-- Waits for all transactions that have read the audit key, and blocks further reads until this transaction ends.
LOCK TABLE public.mcp_secret IN ACCESS EXCLUSIVE MODE

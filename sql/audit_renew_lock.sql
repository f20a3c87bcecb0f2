-- Waits for everybody who has read the audit's key in a transaction that still runs, and lets nobody read it meanwhile.
LOCK TABLE public.mcp_secret IN ACCESS EXCLUSIVE MODE

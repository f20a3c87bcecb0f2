-- The newest client address that a proxy named and Odoo did not trust, among the last 200 audit rows:
-- `<address from the proxy>, seen from <remote address>`
SELECT a.forwarded || ', seen from ' || a.remote_addr
FROM (SELECT l.id, l.forwarded, l.remote_addr FROM public.mcp_audit_log l ORDER BY l.id DESC LIMIT 200) a
WHERE a.forwarded IS NOT NULL
ORDER BY a.id DESC
LIMIT 1

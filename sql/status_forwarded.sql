-- Whether the newest messages came with an address that Odoo did not believe: the last one, `named by a proxy, seen from`
SELECT a.forwarded || ', seen from ' || a.remote_addr
FROM (SELECT l.id, l.forwarded, l.remote_addr FROM public.mcp_audit_log l ORDER BY l.id DESC LIMIT 200) a
WHERE a.forwarded IS NOT NULL
ORDER BY a.id DESC
LIMIT 1

-- Follows fragments/audit_row.sql. Counts a refusal: one row for each address, reason and minute.
-- a retry after a broken connection may be refused for another reason
WHERE NOT EXISTS (SELECT FROM public.mcp_audit_log WHERE call_id = $1::uuid)
ON CONFLICT (refusal) WHERE refusal IS NOT NULL DO UPDATE SET count = mcp_audit_log.count + 1

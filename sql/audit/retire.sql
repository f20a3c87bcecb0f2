-- Deletes the rows of a seal and keeps the seal. $1 number of the seal, $2 first id, $3 last id, $4 time, $5 HMAC of
-- the seal and the time
WITH gone AS (DELETE FROM public.mcp_audit_log WHERE id BETWEEN $2::bigint AND $3::bigint RETURNING 1)
UPDATE public.mcp_audit_seal SET retired_at = $4::timestamp, retired_mac = $5 WHERE id = $1::bigint
RETURNING (SELECT count(*) FROM gone)::text

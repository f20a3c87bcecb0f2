-- Inserts one audit row. The next text may add a condition, ON CONFLICT or RETURNING.
-- Parameters in the order of the columns, as in src/audit/row.rs.
INSERT INTO public.mcp_audit_log (
    call_id, create_date, user_id, login, api_key_id, api_key_name, session_id, client_name, client_version,
    protocol_version, http_method, method, tool, resource_uri, prompt, model, record_ids, request, status,
    http_status, error_code, error, row_count, response_bytes, remote_addr, user_agent, duration_ms, path, door,
    refusal, forwarded, changes, mac)
SELECT
    $1::uuid, $2::timestamp, $3::integer, $4, $5::integer, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
    $17::json, $18::json, $19, $20::integer, $21::integer, $22, $23::integer, $24::integer, $25, $26, $27::numeric,
    $28, $29, $30, $31, $32::json, pg_catalog.decode($33, 'hex')

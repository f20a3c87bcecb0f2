-- A refusal before authentication: one row for each address, reason and minute, with a count. $1 the row, $2 its HMAC
INSERT INTO public.mcp_audit_log (
    call_id, create_date, user_id, login, api_key_id, api_key_name, session_id, client_name, client_version,
    protocol_version, http_method, method, tool, resource_uri, prompt, model, record_ids, request, status,
    http_status, error_code, error, row_count, response_bytes, remote_addr, user_agent, duration_ms, path, door,
    refusal, mac)
SELECT
    call_id, create_date, user_id, login, api_key_id, api_key_name, session_id, client_name, client_version,
    protocol_version, http_method, method, tool, resource_uri, prompt, model, record_ids, request, status,
    http_status, error_code, error, row_count, response_bytes, remote_addr, user_agent, duration_ms, path, door,
    refusal, pg_catalog.decode($2, 'hex')
FROM pg_catalog.jsonb_populate_record(NULL::public.mcp_audit_log, $1::jsonb)
ON CONFLICT (refusal) DO UPDATE SET count = mcp_audit_log.count + 1

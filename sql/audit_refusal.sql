-- A refusal before authentication: one row for each address, reason and minute, with a count.
-- $1 the audit entry, $2 address, reason and minute
INSERT INTO public.mcp_audit_log (
    call_id, create_date, http_method, status, http_status, error_code, error, remote_addr, user_agent,
    response_bytes, duration_ms, path, door, login, user_id, api_key_id, api_key_name, refusal)
SELECT call_id, create_date, http_method, status, http_status, error_code, error, remote_addr, user_agent,
    response_bytes, duration_ms, path, door, login, user_id, api_key_id, api_key_name, $2
FROM pg_catalog.jsonb_to_record($1::jsonb) AS entry (
    call_id uuid, create_date timestamp, http_method varchar, status varchar, http_status integer,
    error_code integer, error varchar, remote_addr varchar, user_agent varchar, response_bytes integer,
    duration_ms double precision, path varchar, door varchar, login varchar, user_id integer, api_key_id integer,
    api_key_name varchar)
ON CONFLICT (refusal) DO UPDATE SET count = mcp_audit_log.count + 1

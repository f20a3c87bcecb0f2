-- One audit row. A row that exists already stays as it is: the first to write it wins.
INSERT INTO public.mcp_audit_log (
    call_id, create_date, user_id, login, api_key_id, api_key_name, session_id, client_name, client_version,
    protocol_version, http_method, method, tool, resource_uri, prompt, model, record_ids, request, status,
    http_status, error_code, error, row_count, response_bytes, remote_addr, user_agent, duration_ms, path, door)
SELECT call_id, create_date, user_id, login, api_key_id, api_key_name, session_id, client_name, client_version,
    protocol_version, http_method, method, tool, resource_uri, prompt, model, record_ids, request, status,
    http_status, error_code, error, row_count, response_bytes, remote_addr, user_agent, duration_ms, path, door
FROM pg_catalog.jsonb_to_record($1::jsonb) AS entry (
    call_id uuid, create_date timestamp, user_id integer, login varchar, api_key_id integer, api_key_name varchar,
    session_id varchar, client_name varchar, client_version varchar, protocol_version varchar, http_method varchar,
    method varchar, tool varchar, resource_uri varchar, prompt varchar, model varchar, record_ids jsonb,
    request jsonb, status varchar, http_status integer, error_code integer, error varchar, row_count integer,
    response_bytes integer, remote_addr varchar, user_agent varchar, duration_ms double precision, path varchar,
    door varchar)
ON CONFLICT (call_id) DO NOTHING

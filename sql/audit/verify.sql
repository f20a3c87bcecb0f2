-- The next audit rows by id, all columns in their original text. $1 last id seen, $2 up to this id, $3 maximum number
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
    'id', a.id, 'call_id', a.call_id, 'mac', pg_catalog.encode(a.mac, 'hex'),
    'columns', pg_catalog.json_build_array(
        a.call_id::text, pg_catalog.to_char(a.create_date, 'YYYY-MM-DD HH24:MI:SS.US'), a.user_id::text,
        a.login::text, a.api_key_id::text, a.api_key_name::text, a.session_id::text, a.client_name::text,
        a.client_version::text, a.protocol_version::text, a.http_method::text, a.method::text, a.tool::text,
        a.resource_uri::text, a.prompt::text, a.model::text, a.record_ids::text, a.request::text, a.status::text,
        a.http_status::text, a.error_code::text, a.error::text, a.row_count::text, a.response_bytes::text,
        a.remote_addr::text, a.user_agent::text, a.duration_ms::text, a.path::text, a.door::text, a.refusal::text,
        a.forwarded::text, a.changes::text))
    ORDER BY a.id), '[]')::text
FROM (SELECT * FROM public.mcp_audit_log WHERE id > $1::bigint AND id <= $2::bigint ORDER BY id LIMIT $3::int) a

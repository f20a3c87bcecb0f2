-- Housekeeping: sessions that are over, calls whose process died, rows past their time.
-- $1 seconds after which a call that nobody holds is dead, $2 days that audit rows are kept
WITH now AS (
    SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) AS utc
),
old_calls AS MATERIALIZED (
    SELECT c.call_id FROM public.mcp_call c, now
    WHERE c.started < now.utc - pg_catalog.make_interval(secs => $1::int)
),
-- A running call holds the lock until it commits or rolls back.
dead AS MATERIALIZED (
    SELECT call_id FROM old_calls
    WHERE pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended(call_id::text, 0))
),
settled AS (
    DELETE FROM public.mcp_call c USING dead WHERE c.call_id = dead.call_id
    RETURNING c.call_id, c.started, c.entry
),
died AS (
    INSERT INTO public.mcp_audit_log (
        call_id, create_date, user_id, login, api_key_id, api_key_name, session_id, client_name, client_version,
        protocol_version, http_method, method, tool, model, record_ids, request, status, error, remote_addr,
        user_agent, path, door)
    SELECT s.call_id, s.started, e.user_id, e.login, e.api_key_id, e.api_key_name, e.session_id, e.client_name,
        e.client_version, e.protocol_version, e.http_method, e.method, e.tool, e.model, e.record_ids, e.request,
        'died', 'The process that ran this call ended before it did; the call changed nothing.', e.remote_addr,
        e.user_agent, e.path, e.door
    FROM settled s, pg_catalog.jsonb_to_record(s.entry) AS e (
        user_id integer, login varchar, api_key_id integer, api_key_name varchar, session_id varchar,
        client_name varchar, client_version varchar, protocol_version varchar, http_method varchar, method varchar,
        tool varchar, model varchar, record_ids jsonb, request jsonb, remote_addr varchar, user_agent varchar,
        path varchar, door varchar)
    ON CONFLICT (call_id) DO NOTHING
    RETURNING 1
),
sessions AS (
    DELETE FROM public.mcp_session s USING now
    WHERE coalesce(s.closed_at, s.expires_at) < now.utc - interval '1 day'
    RETURNING 1
),
audit AS (
    DELETE FROM public.mcp_audit_log a USING now
    WHERE a.create_date < now.utc - pg_catalog.make_interval(days => $2::int)
    RETURNING 1
)
SELECT pg_catalog.json_build_object(
    'calls_died', (SELECT count(*) FROM died), 'sessions_deleted', (SELECT count(*) FROM sessions),
    'audit_rows_deleted', (SELECT count(*) FROM audit))::text

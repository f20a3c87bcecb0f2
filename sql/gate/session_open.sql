-- Opens a session of a handshake version. $1 an object with its columns, and `seconds` until it expires
INSERT INTO public.mcp_session (session_id, user_id, api_key_id, protocol_version, client_name, client_version,
                                capabilities, remote_addr, user_agent, create_date, last_seen, expires_at)
SELECT s.session_id, s.user_id, s.api_key_id, s.protocol_version, s.client_name, s.client_version, s.capabilities,
       s.remote_addr, s.user_agent, n.now, n.now, n.now + pg_catalog.make_interval(secs => s.seconds)
FROM pg_catalog.jsonb_to_record($1::jsonb) AS s (
         session_id varchar, user_id integer, api_key_id integer, protocol_version varchar, client_name varchar,
         client_version varchar, capabilities jsonb, remote_addr varchar, user_agent varchar, seconds integer),
     (SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) AS now) n

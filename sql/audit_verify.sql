-- The next audit rows in the order of their ids, as audit_canonical.sql makes them. $1 last id seen, $2 how many
SELECT pg_catalog.json_build_object(
    'secret', (SELECT pg_catalog.encode(s.secret, 'hex') FROM public.mcp_secret s WHERE s.name = 'audit'),
    'rows', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                 'id', a.id, 'call_id', a.call_id, 'mac', pg_catalog.encode(a.mac, 'hex'),
                 'canonical', pg_catalog.jsonb_strip_nulls(pg_catalog.to_jsonb(a) - '{id,mac,count}'::text[])::text)
                 ORDER BY a.id), '[]')
             FROM (SELECT * FROM public.mcp_audit_log WHERE id > $1::bigint ORDER BY id LIMIT $2::int) a))::text

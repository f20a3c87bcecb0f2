-- The next rows to seal. $1 first id, $2 last id, $3 maximum number
SELECT pg_catalog.json_build_object(
    'last_id', max(r.id), 'row_count', count(*),
    'ids', pg_catalog.range_agg(pg_catalog.int8range(r.id, r.id, '[]') ORDER BY r.id)::text,
    'counts', coalesce(pg_catalog.string_agg(r.id || ':' || r.count, ',' ORDER BY r.id) FILTER (WHERE r.count <> 1), ''),
    'digest', pg_catalog.encode(pg_catalog.sha256(pg_catalog.string_agg(
        pg_catalog.int8send(r.id) || coalesce(r.mac, ''::bytea), ''::bytea ORDER BY r.id)), 'hex'),
    'newest', pg_catalog.to_char(max(r.create_date), 'YYYY-MM-DD HH24:MI:SS.US'))::text
FROM (SELECT a.id, a.mac, a.count, a.create_date FROM public.mcp_audit_log a
      WHERE a.id BETWEEN $1::bigint AND $2::bigint ORDER BY a.id LIMIT $3::int) r
HAVING count(*) > 0

-- The current rows of a sealed range, to compare with its seal. $1 first id, $2 last id, $3 ids that had a row
SELECT pg_catalog.json_build_object(
    'first', min(a.id),
    'counts', coalesce(pg_catalog.string_agg(a.id || ':' || a.count, ',' ORDER BY a.id) FILTER (WHERE a.count <> 1), ''),
    'digest', pg_catalog.encode(pg_catalog.sha256(coalesce(pg_catalog.string_agg(
        pg_catalog.int8send(a.id) || coalesce(a.mac, ''::bytea), ''::bytea ORDER BY a.id), ''::bytea)), 'hex'),
    'missing', pg_catalog.lower($3::int8multirange
        - coalesce(pg_catalog.range_agg(pg_catalog.int8range(a.id, a.id, '[]')), '{}'::int8multirange)),
    'inserted', pg_catalog.lower(coalesce(pg_catalog.range_agg(pg_catalog.int8range(a.id, a.id, '[]')), '{}'::int8multirange)
        - $3::int8multirange))::text
FROM public.mcp_audit_log a WHERE a.id BETWEEN $1::bigint AND $2::bigint

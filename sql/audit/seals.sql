-- The next seals by number, all columns as text. $1 last number seen, $2 maximum number
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
    'id', s.id, 'first_id', s.first_id, 'last_id', s.last_id, 'row_count', s.row_count, 'ids', s.ids::text,
    'counts', s.counts, 'digest', s.digest, 'since', s.since, 'previous', s.previous, 'mac', s.mac,
    'create_date', pg_catalog.to_char(s.create_date, 'YYYY-MM-DD HH24:MI:SS.US'),
    'newest', pg_catalog.to_char(s.newest, 'YYYY-MM-DD HH24:MI:SS.US'),
    'retired_at', pg_catalog.to_char(s.retired_at, 'YYYY-MM-DD HH24:MI:SS.US'), 'retired_mac', s.retired_mac)
    ORDER BY s.id), '[]')::text
FROM (SELECT * FROM public.mcp_audit_seal WHERE id > $1::bigint ORDER BY id LIMIT $2::int) s

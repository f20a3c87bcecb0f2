-- The next seals whose rows have all exceeded the retention. $1 days of retention, $2 maximum number, $3 last number
-- seen
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
    'id', s.id, 'first_id', s.first_id, 'last_id', s.last_id, 'row_count', s.row_count, 'ids', s.ids::text,
    'counts', s.counts, 'digest', s.digest, 'since', s.since, 'previous', s.previous, 'mac', s.mac,
    'create_date', pg_catalog.to_char(s.create_date, 'YYYY-MM-DD HH24:MI:SS.US'),
    'newest', pg_catalog.to_char(s.newest, 'YYYY-MM-DD HH24:MI:SS.US'))
    ORDER BY s.id), '[]')::text
FROM (SELECT * FROM public.mcp_audit_seal
      WHERE retired_at IS NULL AND id > $3::bigint
        AND newest < pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) - pg_catalog.make_interval(days => $1::int)
      ORDER BY id LIMIT $2::int) s

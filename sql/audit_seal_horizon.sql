-- Up to which id rows may be sealed: what the sequence has given out and somebody has committed, before the first refusal
-- that may still be counted up. $1 last id that is sealed, $2 seconds after which a refusal is counted up no more
SELECT least(
    (SELECT max(a.id) FROM public.mcp_audit_log a), (SELECT s.last_value FROM public.mcp_audit_log_id_seq s),
    (SELECT min(a.id) - 1 FROM public.mcp_audit_log a
     WHERE a.id > $1::bigint AND a.refusal IS NOT NULL
       AND a.create_date > pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())
                           - pg_catalog.make_interval(secs => $2::int)))::text

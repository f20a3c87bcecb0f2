-- The last id that may be sealed: at most the last committed id that the sequence has issued, and before the first
-- refusal whose count may still increase. $1 last sealed id, $2 seconds after which the count of a refusal no longer
-- increases
SELECT least(
    (SELECT max(a.id) FROM public.mcp_audit_log a), (SELECT s.last_value FROM public.mcp_audit_log_id_seq s),
    (SELECT min(a.id) - 1 FROM public.mcp_audit_log a
     WHERE a.id > $1::bigint AND a.refusal IS NOT NULL
       AND a.create_date > pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())
                           - pg_catalog.make_interval(secs => $2::int)))::text

-- Registers a call before Odoo runs it, unless the holder has reached the concurrency limit. An old call counts only
-- while its process lives and holds the call's lock.
-- $1 call id, $2 the audit entry so far, $3 holder, $4 concurrency limit, $5 seconds after which a call is old
INSERT INTO public.mcp_inflight_call AS mine (call_id, started, entry, holder)
SELECT $1::uuid, n.now, $2::jsonb, $3
FROM (SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) AS now) n
WHERE (SELECT count(*) FROM public.mcp_inflight_call c WHERE c.holder = $3 AND c.call_id <> $1::uuid) < $4::int
   OR (SELECT count(*) FROM public.mcp_inflight_call c
       WHERE c.holder = $3 AND c.call_id <> $1::uuid
         AND (c.started > pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())
                          - pg_catalog.make_interval(secs => $5::int)
              OR EXISTS (
                  SELECT FROM pg_catalog.pg_locks l,
                              (SELECT pg_catalog.hashtextextended(c.call_id::text, 0) AS key) k
                  WHERE l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND l.granted
                    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                                      WHERE d.datname = pg_catalog.current_database())
                    -- pg_locks shows a 64-bit key as two halves and objsubid 1 (documentation of pg_locks)
                    AND l.classid::bigint = (k.key >> 32) & 4294967295
                    AND l.objid::bigint = k.key & 4294967295 AND l.objsubid = 1))) < $4::int
-- a retry after a broken connection keeps its slot
ON CONFLICT (call_id) DO UPDATE SET started = mine.started
RETURNING 'noted'

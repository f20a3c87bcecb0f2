-- Cancels the statement of the backend that runs a call: of the backend with the call's advisory lock. Returns the
-- number of signalled backends. $1 call id
SELECT count(*) FILTER (WHERE pg_catalog.pg_cancel_backend(l.pid))::text
FROM pg_catalog.pg_locks l, (SELECT pg_catalog.hashtextextended($1, 0) AS key) k
WHERE l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND l.granted
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
  -- pg_locks shows a 64-bit key as two halves and objsubid 1 (documentation of pg_locks)
  AND l.classid::bigint = (k.key >> 32) & 4294967295 AND l.objid::bigint = k.key & 4294967295 AND l.objsubid = 1

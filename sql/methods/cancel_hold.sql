-- Prevents the executor of a call from returning its connection until this transaction ends. After a failure the
-- executor takes the same lock before it returns the connection, so that the cancellation cannot affect another call.
-- $1 call id
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 1))::text

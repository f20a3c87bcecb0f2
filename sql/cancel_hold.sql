-- Keep the connection of a call in the hands of its executor until this transaction ends: it takes the same lock before
-- it gives the connection back after a failure, so that the cancellation can hit no other call. $1 call id
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 1))::text

-- Serializes counting and registering calls per holder until the end of the transaction. $1 holder
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 2))::text

-- One after another count the calls of a holder and note one more: until this transaction ends. $1 holder
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 2))::text

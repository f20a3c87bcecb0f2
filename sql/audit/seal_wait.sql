-- $1 seconds to wait
SELECT pg_catalog.pg_sleep($1::float8)::text

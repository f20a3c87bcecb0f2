-- Waits. $1 seconds
SELECT pg_catalog.pg_sleep($1::float8)::text

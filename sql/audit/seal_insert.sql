-- Inserts a seal and updates the head record. The head record reveals the removal of the last seal. Parameters in the
-- order of the columns, as in src/audit/seal.rs; $13 the head record in hexadecimal
WITH beside AS (
    INSERT INTO public.mcp_secret (name, secret) VALUES ('audit_head', pg_catalog.decode($13, 'hex'))
    ON CONFLICT (name) DO UPDATE SET secret = excluded.secret
)
INSERT INTO public.mcp_audit_seal (
    id, create_date, first_id, last_id, row_count, ids, counts, digest, newest, since, previous, mac)
VALUES ($1::bigint, $2::timestamp, $3::bigint, $4::bigint, $5::integer, $6::int8multirange, $7, $8, $9::timestamp,
        $10::bigint, $11, $12)

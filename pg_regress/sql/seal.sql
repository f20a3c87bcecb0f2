-- Seals of the audit log, and the damage that mcp_audit_verify() detects. Runs as the tables' owner, who can disable
-- the triggers.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
ALTER SEQUENCE mcp_audit_log_id_seq RESTART WITH 1;

-- Ordinary code cannot change rows: the triggers refuse it, and their hint says how rows are written.
SELECT count(mcp_audit_insert(jsonb_build_object('call_id', test.call_id(n), 'status', 'ok'))) FROM generate_series(1, 3) n;
UPDATE mcp_audit_log SET status = 'ok';
UPDATE mcp_audit_log SET count = count + 1;
DELETE FROM mcp_audit_log;
TRUNCATE mcp_audit_log;
\set VERBOSITY default
DELETE FROM mcp_audit_log WHERE id = 1;
\set VERBOSITY terse
CREATE FUNCTION pg_temp.changeable() RETURNS SETOF name LANGUAGE plpgsql AS $$
DECLARE
    col name;
BEGIN
    FOR col IN SELECT attname FROM pg_attribute WHERE attrelid = 'mcp_audit_log'::regclass AND attnum > 0 AND NOT attisdropped LOOP
        BEGIN
            EXECUTE format('UPDATE mcp_audit_log SET %1$I = %1$I', col);
            IF col <> 'count' THEN RETURN NEXT col; END IF;
        EXCEPTION WHEN insufficient_privilege THEN NULL;
        END;
    END LOOP;
END $$;
SELECT 'can be changed: ' || c FROM pg_temp.changeable() c;

-- The counts and digest of a seal. Rolled-back ids are gaps. Without new rows, no seal is written.
BEGIN;
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(4), 'status', 'ok'));
ROLLBACK;
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(5), 'status', 'ok'));
SELECT mcp_maintain();
SELECT mcp_maintain();
SELECT id, first_id, last_id, row_count, ids, counts, since, previous, length(digest), length(mac) FROM mcp_audit_seal;
UPDATE mcp_audit_seal SET row_count = 3;
DELETE FROM mcp_audit_seal;
TRUNCATE mcp_audit_seal;
-- The digest can be checked without the extension.
SELECT digest = (SELECT encode(sha256(string_agg(int8send(id) || mac, '' ORDER BY id)), 'hex') FROM mcp_audit_log WHERE id BETWEEN first_id AND last_id) FROM mcp_audit_seal;
SELECT count(mcp_audit_insert(jsonb_build_object('call_id', test.call_id(n), 'status', 'ok'))) FROM generate_series(6, 8) n;
SELECT mcp_maintain();
SELECT id, first_id, last_id, row_count, ids, previous = (SELECT mac FROM mcp_audit_seal WHERE id = 1) FROM mcp_audit_seal WHERE id = 2;
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(9), 'status', 'ok'));
SELECT mcp_audit_verify() - 'head', mcp_audit_verify() ->> 'head' = (SELECT mac FROM mcp_audit_seal WHERE id = 2);
-- Not in a transaction with a fixed snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT mcp_maintain();
ROLLBACK;

-- Verification detects changes by an owner.
ALTER TABLE mcp_audit_log DISABLE TRIGGER USER;
ALTER TABLE mcp_audit_seal DISABLE TRIGGER USER;
CREATE FUNCTION pg_temp.after(VARIADIC statements text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    statement text;
    said jsonb;
BEGIN
    BEGIN
        FOREACH statement IN ARRAY statements LOOP
            EXECUTE statement;
        END LOOP;
        said := public.mcp_audit_verify();
        RAISE EXCEPTION USING errcode = 'P0099';
    EXCEPTION WHEN SQLSTATE 'P0099' THEN
        RETURN concat_ws(' ', said ->> 'ok', said ->> 'what', 'row ' || (said ->> 'id'), 'seal ' || (said ->> 'seal'), said ->> 'detail');
    END;
END $$;
SELECT pg_temp.after('SELECT 1');
-- Altered rows: sealed, not sealed, and with another row's HMAC.
SELECT pg_temp.after('UPDATE mcp_audit_log SET login = ''x'' WHERE id = 2');
SELECT pg_temp.after('UPDATE mcp_audit_log SET login = ''x'' WHERE id = 9');
SELECT pg_temp.after('UPDATE mcp_audit_log SET changes = ''{}'' WHERE id = 9');
SELECT pg_temp.after('UPDATE mcp_audit_log SET mac = (SELECT mac FROM mcp_audit_log WHERE id = 3) WHERE id = 2');
SELECT pg_temp.after('UPDATE mcp_audit_log SET count = 7 WHERE id = 6');
-- Two rows swapped: every HMAC is valid.
SELECT pg_temp.after('UPDATE mcp_audit_log SET id = -6 WHERE id = 6', 'UPDATE mcp_audit_log SET id = 6 WHERE id = 7', 'UPDATE mcp_audit_log SET id = 7 WHERE id = -6');
-- Deleted rows, and one moved to an unused id.
SELECT pg_temp.after('DELETE FROM mcp_audit_log WHERE id = 3');
SELECT pg_temp.after('DELETE FROM mcp_audit_log WHERE id BETWEEN 6 AND 8');
SELECT pg_temp.after('DELETE FROM mcp_audit_log');
SELECT pg_temp.after('UPDATE mcp_audit_log SET id = 4 WHERE id = 7');
-- Inserted rows: in a gap, after the end, before the beginning, and a call that was recorded later.
SELECT pg_temp.after('INSERT INTO mcp_audit_log (id, call_id, create_date, status) VALUES (4, gen_random_uuid(), now(), ''ok'')');
SELECT pg_temp.after('INSERT INTO mcp_audit_log (call_id, create_date, status) VALUES (gen_random_uuid(), now(), ''ok'')');
SELECT pg_temp.after('INSERT INTO mcp_audit_log (id, call_id, create_date, status) VALUES (0, gen_random_uuid(), now(), ''ok'')');
SELECT pg_temp.after('UPDATE mcp_audit_log SET id = 4 WHERE id = 9');
-- Seals: altered, deleted, inserted, swapped.
SELECT pg_temp.after('UPDATE mcp_audit_seal SET row_count = 3 WHERE id = 1');
SELECT pg_temp.after('UPDATE mcp_audit_seal SET ids = ''{[1,4)}'' WHERE id = 1', 'DELETE FROM mcp_audit_log WHERE id = 5');
SELECT pg_temp.after('DELETE FROM mcp_audit_seal WHERE id = 1');
SELECT pg_temp.after('DELETE FROM mcp_audit_seal WHERE id = 2');
SELECT pg_temp.after('DELETE FROM mcp_audit_seal WHERE id = 2', 'DELETE FROM mcp_audit_log WHERE id BETWEEN 6 AND 8');
SELECT pg_temp.after('DELETE FROM mcp_audit_seal', 'DELETE FROM mcp_audit_log');
SELECT pg_temp.after('DELETE FROM mcp_secret WHERE name = ''audit_head''');
SELECT pg_temp.after('INSERT INTO mcp_audit_seal SELECT 3, create_date, 9, 9, 1, ''{[9,10)}'', counts, digest, newest, since, mac, mac FROM mcp_audit_seal WHERE id = 2');
SELECT pg_temp.after('INSERT INTO mcp_audit_seal SELECT 0, create_date, 0, 0, 0, ''{}'', counts, digest, newest, since, mac, mac FROM mcp_audit_seal WHERE id = 2');
SELECT pg_temp.after('UPDATE mcp_audit_seal SET id = -1 WHERE id = 1', 'UPDATE mcp_audit_seal SET id = 1 WHERE id = 2', 'UPDATE mcp_audit_seal SET id = 2 WHERE id = -1');
-- Rows deleted as if they had been retired.
SELECT pg_temp.after('DELETE FROM mcp_audit_log WHERE id <= 5', 'UPDATE mcp_audit_seal SET retired_at = now(), retired_mac = mac WHERE id = 1');
-- Rows treated as those of a copy, which only their seals protect.
SELECT pg_temp.after('UPDATE mcp_secret SET since = 100 WHERE name = ''audit''');
SELECT pg_temp.after('UPDATE mcp_secret SET since = 100 WHERE name = ''audit''', 'UPDATE mcp_audit_log SET login = ''x'' WHERE id = 9');

-- Retirement: verification detects a row in place of a retired one. Rows that differ from their seal stay.
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.audit_days', '1');
SELECT test.clear();
ALTER TABLE mcp_audit_log DISABLE TRIGGER USER;
ALTER TABLE mcp_audit_seal DISABLE TRIGGER USER;
ALTER SEQUENCE mcp_audit_log_id_seq RESTART WITH 1;
CREATE FUNCTION pg_temp.old(VARIADIC numbers integer[]) RETURNS text LANGUAGE sql AS $$
SELECT count(mcp_audit_insert(jsonb_build_object('call_id', test.call_id(100 + n), 'status', 'ok', 'create_date', timezone('UTC', now()) - interval '1 day 1 minute')))::text FROM unnest(numbers) n $$;
SELECT pg_temp.old(1, 2);
SELECT mcp_maintain();
SELECT retired_at IS NOT NULL, length(retired_mac) FROM mcp_audit_seal;
SELECT mcp_audit_verify() - 'head';
SELECT pg_temp.after('INSERT INTO mcp_audit_log (id, call_id, create_date, status) VALUES (2, gen_random_uuid(), now(), ''ok'')');
SELECT pg_temp.old(3, 4);
BEGIN;
-- Sealed in a run that retires no rows.
UPDATE ir_config_parameter SET value = '90' WHERE key = 'odoo_mcp.audit_days';
SELECT mcp_maintain();
UPDATE ir_config_parameter SET value = '1' WHERE key = 'odoo_mcp.audit_days';
UPDATE mcp_audit_log SET login = 'x' WHERE id = 4;
SELECT mcp_maintain();
SELECT id FROM mcp_audit_log;
ROLLBACK;
DELETE FROM ir_config_parameter WHERE key = 'odoo_mcp.audit_days';

-- A refusal whose count may still grow is not sealed, and neither are later rows.
SELECT test.clear();
SELECT left(test.gate(number => 201), 3);
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(202), 'status', 'ok'));
SELECT mcp_maintain() ->> 'rows_sealed';
SELECT mcp_audit_verify() ->> 'unsealed';
-- Only the extension itself can increase the count.
SELECT left(test.gate(number => 203), 3);
SELECT count FROM mcp_audit_log WHERE refusal IS NOT NULL;
UPDATE mcp_audit_log SET count = count - 1 WHERE refusal IS NOT NULL;
UPDATE mcp_audit_log SET count = count + 2 WHERE refusal IS NOT NULL;

-- A copy gets its own secrets, and its new chain includes the copied rows. It cannot forge rows of the original.
SELECT test.clear();
ALTER SEQUENCE mcp_audit_log_id_seq RESTART WITH 1;
SELECT count(mcp_audit_insert(jsonb_build_object('call_id', test.call_id(n), 'status', 'ok'))) FROM generate_series(301, 303) n;
SELECT mcp_maintain() ->> 'rows_sealed';
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(304), 'status', 'ok'));
BEGIN;
CREATE TEMPORARY TABLE secret_before AS SELECT * FROM mcp_secret;
UPDATE ir_config_parameter SET value = 'another' WHERE key = 'database.uuid';
SELECT w ->> 'message' FROM jsonb_array_elements(mcp_status() -> 'warnings') w WHERE w ->> 'message' LIKE '%copy%';
SELECT mcp_maintain();
SELECT mcp_maintain();
SELECT count(*) FROM secret_before b JOIN mcp_secret s USING (secret) WHERE s.name <> 'audit_head';
SELECT mcp_audit_insert(jsonb_build_object('call_id', test.call_id(305), 'status', 'ok'));
SELECT mcp_audit_verify() - 'head';
SELECT id, first_id, last_id, since, previous FROM mcp_audit_seal;
ALTER TABLE mcp_audit_log DISABLE TRIGGER USER;
SELECT pg_temp.after('DELETE FROM mcp_audit_log WHERE id = 2');
SELECT pg_temp.after('UPDATE mcp_audit_log SET mac = NULL WHERE id = 2');
SELECT pg_temp.after('UPDATE mcp_audit_log SET login = ''x'' WHERE id = 5');
ROLLBACK;
SELECT mcp_audit_verify() ->> 'ok';
SELECT test.clear();

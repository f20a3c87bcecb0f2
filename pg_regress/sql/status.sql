-- mcp_status(): whether MCP can serve. Each problem comes with a description and a hint.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.problems() RETURNS SETOF text LANGUAGE sql AS $$
SELECT s.status ->> 'ready' FROM (SELECT mcp_status() AS status) s
UNION ALL
SELECT format('%s -> %s', p ->> 'message', p ->> 'hint') FROM jsonb_array_elements(mcp_status() -> 'problems') p
$$;

-- Ready.
SELECT * FROM pg_temp.problems();
SELECT jsonb_object_keys(mcp_status()) ORDER BY 1;
SELECT s ->> 'odoo', s ->> 'addon', s ->> 'extension' = (SELECT extversion FROM pg_extension WHERE extname = 'odoo_mcp'),
       s ->> 'library' = s ->> 'extension', s ->> 'postgresql' = current_setting('server_version'),
       s ->> 'time_zones' ~ '^20[0-9]{2}[a-z]$'
FROM mcp_status() s;

-- The addon: missing, not installed, being installed, being uninstalled, in an unknown state.
BEGIN;
DELETE FROM ir_module_module WHERE name = 'odoo_mcp';
SELECT * FROM pg_temp.problems();
SELECT s ? 'addon', s ->> 'addon' FROM mcp_status() s;
ROLLBACK;
BEGIN;
UPDATE ir_module_module SET state = 'uninstalled' WHERE name = 'odoo_mcp';
SELECT * FROM pg_temp.problems();
UPDATE ir_module_module SET state = 'to install' WHERE name = 'odoo_mcp';
SELECT * FROM pg_temp.problems();
UPDATE ir_module_module SET state = 'to upgrade' WHERE name = 'odoo_mcp';
SELECT * FROM pg_temp.problems();
UPDATE ir_module_module SET state = 'to remove' WHERE name = 'odoo_mcp';
SELECT * FROM pg_temp.problems();
UPDATE ir_module_module SET state = 'odd' WHERE name = 'odoo_mcp';
SELECT * FROM pg_temp.problems();
UPDATE ir_module_module SET state = NULL WHERE name = 'odoo_mcp';
SELECT * FROM pg_temp.problems();
ROLLBACK;

-- The addon's tables: a missing column, a missing table. After uninstallation, its tables are not reported.
BEGIN;
ALTER TABLE mcp_audit_log DROP COLUMN door CASCADE;
ALTER TABLE mcp_tool DROP COLUMN commits;
SELECT * FROM pg_temp.problems();
DROP TABLE mcp_inflight_call;
SELECT * FROM pg_temp.problems();
UPDATE ir_module_module SET state = 'uninstalled' WHERE name = 'odoo_mcp';
SELECT * FROM pg_temp.problems();
ROLLBACK;

-- Odoo's tables.
BEGIN;
ALTER TABLE res_users DROP COLUMN login;
ALTER TABLE ir_rule RENAME TO ir_rule_of_old;
SELECT * FROM pg_temp.problems();
SELECT s ->> 'odoo', s ->> 'addon' FROM mcp_status() s;
ROLLBACK;

-- A table with that name in another schema does not count.
BEGIN;
ALTER TABLE mcp_session SET SCHEMA test;
SET LOCAL search_path = test, public;
SELECT s ->> 'ready' FROM mcp_status() s;
ROLLBACK;

-- The status detects every missing column that the core writes: drop each in turn (only the ORM writes the log's `id`).
CREATE FUNCTION pg_temp.unseen() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    missing record;
    ready text;
BEGIN
    FOR missing IN
        SELECT a.attrelid::regclass::text AS tab, a.attname AS col FROM pg_attribute a
        WHERE a.attrelid IN ('mcp_session'::regclass, 'mcp_inflight_call'::regclass, 'mcp_audit_log'::regclass, 'mcp_audit_seal'::regclass, to_regclass('mcp_secret')) AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attname <> 'id' ORDER BY 1, 2
    LOOP
        BEGIN
            EXECUTE format('ALTER TABLE %s DROP COLUMN %I CASCADE', missing.tab, missing.col);
            ready := mcp_status() ->> 'ready';
            RAISE EXCEPTION USING errcode = 'P0099';
        EXCEPTION WHEN SQLSTATE 'P0099' THEN
            IF ready <> 'false' THEN
                RETURN NEXT missing.tab || '.' || missing.col;
            END IF;
        END;
    END LOOP;
END $$;
SELECT 'not missed: ' || u FROM pg_temp.unseen() u;
SELECT * FROM pg_temp.problems();

-- The function is read-only: it takes no transaction id, and a read-only transaction suffices.
BEGIN;
SELECT mcp_status() ->> 'ready', txid_current_if_assigned() IS NULL;
ROLLBACK;
BEGIN READ ONLY;
SELECT mcp_status() ->> 'ready';
ROLLBACK;

-- Tools that are not listed, or that strict clients refuse: a warning, and MCP still serves.
CREATE FUNCTION pg_temp.warnings() RETURNS SETOF text LANGUAGE sql AS $$
SELECT format('%s -> %s', w ->> 'message', w ->> 'hint') FROM jsonb_array_elements(mcp_status() -> 'warnings') w
$$;
SELECT * FROM pg_temp.warnings();
BEGIN;
DELETE FROM mcp_tool WHERE id > 14;
SELECT count(*) FROM pg_temp.warnings();
UPDATE mcp_tool SET parameters = '{' WHERE name = 'search';
UPDATE mcp_tool SET output_schema = '[]' WHERE name = 'count';
UPDATE mcp_tool SET parameters = '{"type": "object", "properties": {"ids": {"type": "array", "items": {}}}}' WHERE name = 'read';
UPDATE mcp_tool SET parameters = ' ', output_schema = ' ' WHERE name = 'create';
UPDATE mcp_tool SET parameters = '{', active = false WHERE name = 'write';
UPDATE mcp_tool SET name = 'un.link' WHERE name = 'unlink';
SELECT * FROM pg_temp.warnings();
SELECT * FROM pg_temp.problems();
ROLLBACK;

-- Requests whose client address differs from Odoo's: the status checks the last 200 messages.
BEGIN;
DELETE FROM mcp_tool WHERE id > 14;
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', '{"x-forwarded-for": "203.0.113.9, 192.0.2.7"}', number => 1) <> '';
SELECT * FROM pg_temp.warnings();
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "ping"}', '{"x-forwarded-for": "192.0.2.7, 203.0.113.9"}', number => 2) <> '';
SELECT * FROM pg_temp.warnings();
SELECT mcp_audit_verify() ->> 'ok';
ALTER TABLE mcp_audit_log DISABLE TRIGGER USER;
UPDATE mcp_audit_log SET forwarded = NULL WHERE call_id = test.call_id(2)::uuid;
SELECT mcp_audit_verify();
ROLLBACK;

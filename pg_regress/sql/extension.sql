-- The extension in PostgreSQL's catalogs: only functions, created and dropped by the database's owner.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;

-- Its creator: the owner of the database, who is not a superuser.
SELECT e.extowner = d.datdba, r.rolsuper, e.extversion = (mcp_status() ->> 'library'), n.nspname, e.extrelocatable, e.extconfig IS NULL
FROM pg_extension e, pg_database d, pg_roles r, pg_namespace n
WHERE e.extname = 'odoo_mcp' AND d.datname = current_database() AND r.oid = e.extowner AND n.oid = e.extnamespace;

-- Its members: functions.
SELECT DISTINCT classid::regclass FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'odoo_mcp') AND deptype = 'e';
CREATE TEMPORARY VIEW of_the_extension AS
SELECT p.*, p.oid::regprocedure AS signature FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'odoo_mcp');
-- The functions for the addon and for SQL callers, with their number of signatures.
SELECT proname, count(*) FROM of_the_extension WHERE proname IN ('mcp_gate', 'mcp_handle', 'mcp_resume', 'mcp_dispatch_tool', 'mcp_check_access', 'mcp_audit_insert',
    'mcp_to_utc', 'mcp_to_local', 'mcp_maintain', 'mcp_status', 'mcp_exchange', 'mcp_continue') GROUP BY 1 ORDER BY 1;
-- They run with the caller's rights and a safe search_path. They are in public, are named mcp_, and have a comment.
SELECT signature, 'is not as it should be' FROM of_the_extension
WHERE prosecdef OR proconfig IS NULL OR NOT proconfig @> '{"search_path=pg_catalog, pg_temp"}' OR NOT proconfig <@ '{"search_path=pg_catalog, pg_temp",plan_cache_mode=force_generic_plan,jit=off}' OR pronamespace <> 'public'::regnamespace
   OR proname !~ '^mcp_' OR coalesce(length(obj_description(oid, 'pg_proc')), 0) < 20 OR NOT proisstrict AND proname NOT LIKE 'mcp_check_access%' AND proname NOT IN ('mcp_maintain', 'mcp_exchange') AND pronargs > 0;
SELECT count(*) > 9, bool_and(prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')), count(DISTINCT obj_description(oid, 'pg_proc')) = count(*) FROM of_the_extension;
SELECT proname, provolatile, proparallel FROM of_the_extension WHERE provolatile <> 'v' ORDER BY 1;
-- No table, view, default, check, index or trigger uses one of them.
SELECT classid::regclass, objid FROM pg_depend WHERE refclassid = 'pg_proc'::regclass AND refobjid IN (SELECT oid FROM of_the_extension) AND classid <> 'pg_extension'::regclass;

-- Objects that shadow built-in names have no effect: an operator, a function, a table.
CREATE SCHEMA evil;
CREATE FUNCTION evil.quote_ident(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil'; END $$;
CREATE FUNCTION evil.evil_equal(varchar, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil'; END $$;
CREATE OPERATOR evil.= (LEFTARG = varchar, RIGHTARG = text, FUNCTION = evil.evil_equal);
CREATE TABLE evil.mcp_tool (id integer);
CREATE TEMPORARY TABLE res_users (id integer);
CREATE TEMPORARY TABLE mcp_audit_log (id integer);
SET search_path = evil, pg_temp, public, pg_catalog;
SELECT (public.mcp_status() ->> 'ready')::pg_catalog.bool;
SELECT public.mcp_dispatch_tool(6, 'list_models', '{"search": "partner"}') -> 'result' ->> 'isError';
RESET search_path;
DROP TABLE pg_temp.res_users, pg_temp.mcp_audit_log;
DROP SCHEMA evil CASCADE;
DROP VIEW of_the_extension;

-- Dropping it without CASCADE: every table stays, with all its rows.
SELECT test.clear();
SELECT mcp_dispatch_tool(6, 'list_models', '{}') ? 'result', mcp_dispatch_tool(6, 'count', '{"model": "res.partner"}') ? 'step';
CREATE TEMPORARY TABLE before AS
SELECT c.oid, c.relname, (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', c.oid::regclass), false, true, '')))[1]::text AS rows
FROM pg_class c WHERE c.relnamespace IN ('public'::regnamespace, 'test'::regnamespace) AND c.relkind = 'r';
DROP EXTENSION odoo_mcp;
SELECT mcp_status();
SELECT proname FROM pg_proc WHERE proname LIKE 'mcp\_%' AND pronamespace = 'public'::regnamespace;
SELECT relname FROM before b WHERE rows <> (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', b.oid::regclass), false, true, '')))[1]::text;
SELECT relname, rows FROM before WHERE relname LIKE 'mcp\_%' ORDER BY 1;
-- Creating it again in a session that used it: everything works on the same rows.
CREATE EXTENSION odoo_mcp;
SELECT mcp_status() ->> 'ready';
SELECT mcp_dispatch_tool(6, 'list_models', '{}') ? 'result';
SELECT count(*) FROM mcp_audit_log;
CREATE EXTENSION odoo_mcp;
-- It cannot be moved to another schema: its names belong to public.
ALTER EXTENSION odoo_mcp SET SCHEMA test;
DROP EXTENSION odoo_mcp;
CREATE EXTENSION odoo_mcp SCHEMA test;
CREATE EXTENSION odoo_mcp;
SELECT mcp_status() ->> 'ready';
SELECT test.clear();

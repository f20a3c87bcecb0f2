-- mcp_check_access(): the verdict, and the first reason for it.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on

SELECT uid, operation, mcp_check_access(uid, 'res.partner', operation) FROM unnest('{2,6,9,7}'::int[]) uid, unnest('{read,write,create,unlink}'::text[]) operation;
SELECT uid, operation, mcp_check_access(uid, 'sale.order', operation) FROM unnest('{2,6,9}'::int[]) uid, unnest('{read,unlink}'::text[]) operation;
-- Access rights for everybody and for nobody. Rules of groups that the user does not belong to do not apply.
SELECT mcp_check_access(7, 'res.company', 'read');
SELECT mcp_check_access(7, 'res.company', 'write');
SELECT mcp_check_access(2, 'hr.secret', 'read');
-- Unknown users, models, fields and operations.
SELECT mcp_check_access(8, 'res.partner', 'read');
SELECT mcp_check_access(4711, 'res.partner', 'read');
SELECT mcp_check_access(2, 'res.partners', 'read');
SELECT mcp_check_access(2, 'res.partner', 'read', '{name,email}');
SELECT mcp_check_access(2, 'res.partner', 'read', '{name,emial}');
SELECT mcp_check_access(2, 'res.partner', 'export');
SELECT mcp_check_access(2, 'res.partner', '');
-- With an API key: it must belong to the user, be valid, and have an accepted scope.
SELECT k, mcp_check_access(6, 'res.partner', 'read', api_key_id => k) - 'record_rules' FROM unnest('{2,3,4,5,1,4711}'::int[]) k;
SELECT mcp_check_access(6, 'res.partner', 'read', '{}', NULL) -> 'allowed';
SELECT mcp_check_access(6, 'res.partner', 'write', '{}', 2) ->> 'layer';
-- Group names are in English, or untranslated.
BEGIN;
UPDATE res_groups SET name = '{"fr_FR": "Configuration"}' WHERE id = 2;
SELECT mcp_check_access(9, 'res.partner', 'unlink');
ROLLBACK;
-- An archived access right or record rule does not count.
BEGIN;
UPDATE ir_model_access SET active = false WHERE name = 'partner sales';
SELECT mcp_check_access(9, 'res.partner', 'write');
UPDATE ir_rule SET active = false WHERE id IN (1, 2, 3, 6);
SELECT mcp_check_access(9, 'sale.order', 'unlink');
ROLLBACK;
-- The system user passes all of Odoo's checks.
BEGIN;
UPDATE res_users SET active = true WHERE id = 1;
SELECT mcp_check_access(1, 'hr.secret', 'unlink') -> 'allowed';
ROLLBACK;
-- The function is read-only.
BEGIN READ ONLY;
SELECT mcp_check_access(2, 'res.partner', 'read') -> 'allowed', txid_current_if_assigned() IS NULL;
ROLLBACK;
BEGIN;
SELECT mcp_check_access(2, 'res.partner', 'read') -> 'allowed', mcp_check_access(9, 'res.partner', 'unlink') -> 'allowed';
SELECT txid_current_if_assigned() IS NULL;
ROLLBACK;

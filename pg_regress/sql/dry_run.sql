-- Dry runs: the calls that support them, their reports, and what a caller without the necessary rights sees.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
UPDATE mcp_tool SET parameters = jsonb_set(parameters::jsonb, '{properties,dry_run}', '{"type": "boolean"}')::text
WHERE name IN ('create', 'write', 'unlink', 'method_call');
CREATE FUNCTION pg_temp.status(number bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', status, request ->> 'dry_run', error) FROM mcp_audit_log WHERE call_id = test.call_id($1)::uuid $$;
-- Odoo's report on a dry run.
CREATE FUNCTION pg_temp.report(records text, more text DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS
$$ SELECT jsonb_build_object('error', jsonb_build_object('type', 'dry_run', 'message', '', 'report',
    '{"more": 0, "others": 0, "mails": 0, "sequences": []}'::jsonb || jsonb_build_object('records', records::jsonb) || more::jsonb)) $$;

-- The report has the values of fields that the caller may see. The step is marked as a dry run: it claims no key and is
-- not watched.
SELECT test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"name": "Azure"}, "dry_run": true}', number => 1);
SELECT answer #> '{step,dry_run}', answer #> '{step,changes}', answer #> '{step,claims}' FROM test.answer WHERE number = 1;
SELECT test.outcome(1, pg_temp.report('[{"model": "res.partner", "id": 7, "change": "changed", "name": "Azure", "before": {"name": "Old", "no_field": 1}, "after": {"name": "Azure", "no_field": 2}},
    {"model": "no.model", "id": 1, "change": "created", "after": {"name": "x"}}]', '{"mails": 2, "others": 3, "more": 4, "sequences": [{"name": "Orders", "numbers": 1}]}'));
SELECT pg_temp.status(1);
SELECT count(*) FROM mcp_inflight_call;

-- A dry run returns the same refusals as the real run, marked as a dry run.
SELECT test.tool('unlink', '{"model": "res.partner", "ids": [7], "dry_run": true}', number => 2);
SELECT test.outcome(2, '{"error": {"type": "user_error", "message": "No way."}}');
SELECT pg_temp.status(2);
SELECT test.tool('unlink', '{"model": "res.partner", "ids": [7], "dry_run": false}', number => 3);
SELECT answer #> '{step,dry_run}' FROM test.answer WHERE number = 3;
SELECT test.outcome(3, '{"error": {"type": "user_error", "message": "No way."}}');

-- The model was hidden meanwhile: the report omits it.
SELECT test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"name": "Azure"}, "dry_run": true}', number => 4);
BEGIN;
INSERT INTO mcp_access (model_id, model, perm_read) VALUES (1, 'res.partner', false);
SELECT test.outcome(4, pg_temp.report('[{"model": "res.partner", "id": 7, "change": "changed", "name": "Azure", "before": {"name": "Old"}, "after": {"name": "Azure"}}]'));
ROLLBACK;
-- The user lost all rights meanwhile: a refusal and a row.
SELECT test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"name": "Azure"}, "dry_run": true}', number => 5);
BEGIN;
UPDATE res_users SET active = false WHERE id = 2;
SELECT test.outcome(5, pg_temp.report('[{"model": "res.partner", "id": 7, "change": "changed", "name": "Azure", "before": {"name": "Old"}, "after": {"name": "Azure"}}]'));
SELECT pg_temp.status(5);
ROLLBACK;
DELETE FROM mcp_inflight_call;

-- Methods: only those on the list.
SELECT test.tool('method_call', '{"model": "res.partner", "method": "action_other", "ids": [7], "dry_run": true}', number => 6);
SELECT pg_temp.status(6);
SELECT test.tool('method_call', '{"model": "res.partner", "method": "action_greet", "ids": [7], "dry_run": true}', number => 7);
SELECT test.outcome(7, jsonb_set(pg_temp.report('[]')::jsonb, '{error,report,result}', '{"result": {"type": "ir.actions.act_window", "res_model": "a.wizard", "context": {}}}'));
SELECT test.tool('method_call', '{"model": "res.partner", "method": "action_old", "ids": [7], "dry_run": true}');
SELECT test.tool('method_call', '{"model": "res.company", "method": "action_greet", "ids": [7], "dry_run": true}');
-- Other tools have no such argument. It must be true or false.
SELECT test.tool('search', '{"model": "res.partner", "dry_run": true}');
SELECT test.tool('create', '{"model": "res.partner", "values": {"name": "A"}, "dry_run": "yes"}');
-- A read-only transaction allows no dry run.
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.read_only', 'True');
SELECT test.tool('write', '{"model": "res.partner", "ids": [7], "values": {"name": "Azure"}, "dry_run": true}');
ROLLBACK;
UPDATE mcp_tool SET parameters = ((parameters::jsonb) #- '{properties,dry_run}')::text
WHERE name IN ('create', 'write', 'unlink', 'method_call');
SELECT test.clear();

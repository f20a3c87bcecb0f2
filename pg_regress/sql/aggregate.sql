-- aggregate: the step for valid arguments, and the errors for invalid ones.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
BEGIN;
INSERT INTO mcp_tool (id, sequence, name, title, category, method, description, parameters, active, read_only_hint)
VALUES (19, 190, 'aggregate', 'Aggregate', 'records', '_tool_aggregate', 'Do aggregate.',
        '{"type": "object", "properties": {"model": {"type": "string"}, "domain": {"type": "string"}, "groupby": {"type": "array", "items": {"type": "string"}}, "measures": {"type": "array", "items": {"type": "string"}}, "having": {"type": "string"}, "order": {"type": "string"}, "limit": {"type": "integer"}, "offset": {"type": "integer"}}, "required": ["model"], "additionalProperties": false}',
        true, true);
INSERT INTO ir_model_fields (model_id, model, name, ttype, relation, field_description, required, readonly, selectable, store)
SELECT m.id, m.model, f.name, f.ttype, NULL, jsonb_build_object('en_US', f.name), false, false, true, f.store
FROM (VALUES ('sale.order', 'properties', 'properties', true), ('sale.order', 'amount_paid', 'monetary', false)) AS f (model, name, ttype, store)
JOIN ir_model m ON m.model = f.model;
-- As the sales user, on sale.order.
CREATE FUNCTION test.groups(arguments jsonb) RETURNS text LANGUAGE sql AS $$
SELECT test.tool('aggregate', ('{"model": "sale.order"}'::jsonb || arguments)::text, 10)
$$;

-- The call to Odoo: one group more than the limit, and the groups at the end of the order.
SELECT test.groups('{}');
SELECT test.groups('{"groupby": ["partner_id", "date_order:month"], "measures": ["amount_total:sum", "id:count_distinct"], "limit": 5, "offset": 10}');
SELECT test.groups('{"groupby": ["state"], "measures": ["count"], "order": "count desc, state"}');
SELECT test.groups('{"groupby": ["state"], "order": "amount_total:sum desc nulls last"}');
SELECT test.groups('{"groupby": ["partner_id.parent_id", "validity_date:day_of_week", "id"]}');
SELECT test.groups('{"groupby": "[\"state\"]", "domain": [["amount_total", ">", 5]], "having": [["amount_total:avg", ">=", 10.5], ["count", "<>", 1]]}');
SELECT test.groups('{"groupby": ["state"], "having": "[''|'', (''date_order:max'', ''>'', ''2026-07-01 12:00''), (''validity_date:min'', ''='', ''2026-07-01'')]"}');
-- The step contains the error text for measures that Odoo may refuse.
SELECT test.groups('{"groupby": ["state"], "measures": ["amount_paid:sum"]}');

-- groupby.
SELECT test.groups('{"groupby": ["stat"]}');
SELECT test.groups('{"groupby": [""]}');
SELECT test.groups('{"groupby": ["date_order"]}');
SELECT test.groups('{"groupby": ["date_order:months"]}');
SELECT test.groups('{"groupby": ["validity_date:hour"]}');
SELECT test.groups('{"groupby": ["state:month"]}');
SELECT test.groups('{"groupby": ["order_line"]}');
SELECT test.groups('{"groupby": ["properties"]}');
SELECT test.groups('{"groupby": ["properties.colour"]}');
SELECT test.groups('{"groupby": ["order_line.name"]}');
SELECT test.groups('{"groupby": ["partner_id.nmae"]}');
SELECT test.groups('{"groupby": ["partner_id.image_1920"]}');
SELECT test.groups('{"groupby": ["state", "state"]}');
SELECT test.groups('{"groupby": ["id", "name", "state", "partner_id", "amount_total", "note", "tag_ids", "date_order:day", "date_order:week"]}');

-- measures.
SELECT test.groups('{"measures": ["amount_total"]}');
SELECT test.groups('{"measures": ["amount_totl:sum"]}');
SELECT test.groups('{"measures": ["sum(amount_total)"]}');
SELECT test.groups('{"measures": ["sum:amount_total"]}');
SELECT test.groups('{"measures": ["COUNT(*)"]}');
SELECT test.groups('{"measures": ["amount_total:average"]}');
SELECT test.groups('{"measures": ["date_order:sum"]}');
SELECT test.groups('{"measures": ["partner_id:sum"]}');
SELECT test.groups('{"measures": ["tag_ids:count"]}');
SELECT test.groups('{"measures": ["order_line:count"]}');
SELECT test.groups('{"measures": ["partner_id.color:sum"]}');
SELECT test.groups('{"measures": ["amount_total:sum", "amount_total:sum"]}');
SELECT test.groups('{"measures": ["amount_total:array_agg"]}');

-- having.
SELECT test.groups('{"having": "[[\"count\", \">\", 1]]"}');
SELECT test.groups('{"groupby": ["state"], "having": "[\"count\", \">\", 1]"}');
SELECT test.groups('{"groupby": ["state"], "having": "{\"count\": 1}"}');
SELECT test.groups('{"groupby": ["state"], "having": "[[\"count\", \">\"]]"}');
SELECT test.groups('{"groupby": ["state"], "having": "[[\"count\", \">\", \"1\"]]"}');
SELECT test.groups('{"groupby": ["state"], "having": "[[\"count\", \"in\", [1]]]"}');
SELECT test.groups('{"groupby": ["state"], "having": "[[\"state\", \"=\", \"sale\"]]"}');
SELECT test.groups('{"groupby": ["state"], "having": "[\"|\", [\"count\", \">\", 1]]"}');
SELECT test.groups('{"groupby": ["state"], "having": "[\"or\", [\"count\", \">\", 1]]"}');
SELECT test.groups('{"groupby": ["state"], "having": "[[\"amount_total\", \">\", 1]]"}');
SELECT test.groups('{"groupby": ["state"], "having": "[[\"date_order:max\", \">\", \"July\"]]"}');
SELECT test.groups('{"groupby": ["state"], "having": "[[\"count\", \">\", 1]"}');

-- order, limit.
SELECT test.groups('{"groupby": ["date_order:month"], "order": "date_order"}');
SELECT test.groups('{"groupby": ["state"], "order": "amount_total desc"}');
SELECT test.groups('{"groupby": ["state"], "order": "state downwards"}');
SELECT test.groups('{"groupby": ["state"], "order": "name:first"}');
SELECT test.groups('{"groupby": ["state"], "limit": 0}');
SELECT test.groups('{"groupby": ["state"], "limit": 100000}');
SELECT test.groups('{"groupby": ["state"], "offset": -1}');

-- Operands must fit the field: known selection values, numbers, booleans.
INSERT INTO ir_model_fields_selection (field_id, value, name, sequence)
SELECT f.id, c.value, jsonb_build_object('en_US', c.label), c.sequence
FROM (VALUES ('draft', 'Quotation', 1), ('sale', 'Sales Order', 2), ('cancel', 'Cancelled', 3)) AS c (value, label, sequence),
     ir_model_fields f WHERE f.model = 'sale.order' AND f.name = 'state';
SELECT test.groups('{"domain": [["state", "=", "canceled"]]}');
SELECT test.groups('{"domain": [["state", "in", ["draft", "Sales Order"]]]}');
SELECT test.groups('{"domain": [["state", "not in", ["draft", false]], ["state", "ilike", "x"]]}');
SELECT test.tool('count', '{"model": "sale.order.line", "domain": [["order_id", "any", [["state", "=", "sold"]]]]}', 10);
SELECT test.tool('count', '{"model": "res.partner", "domain": [["tz", "=", "anything"]]}', 10);
SELECT test.groups('{"domain": [["amount_total", ">", "much"]]}');
SELECT test.groups('{"domain": [["amount_total", ">", "100"]]}');
SELECT test.tool('count', '{"model": "res.partner", "domain": [["is_company", "=", "false"]]}', 10);
SELECT test.tool('write', '{"model": "sale.order", "ids": [1], "values": {"state": "Cancelled"}}', 10);
SELECT test.tool('create', '{"model": "sale.order", "values": [{"name": "x", "state": "sale"}, {"name": "y", "state": "x"}]}', 10);

-- Under the policy: hidden fields in each argument, excluded records, orders that would reveal hidden values.
SAVEPOINT restricted;
INSERT INTO mcp_field_dependency (model, field, on_model, on_field, related, beyond) VALUES ('', 'digest', '', '', false, false);
INSERT INTO mcp_access (model, perm_read, perm_write, perm_create, perm_unlink, perm_call)
VALUES ('sale.order', true, true, true, true, true), ('res.partner', true, true, true, true, true);
INSERT INTO mcp_access_hidden_field_rel (access_id, field_id)
SELECT a.id, f.id FROM mcp_access a JOIN ir_model_fields f ON f.model = a.model
WHERE (f.model, f.name) IN (('sale.order', 'amount_total'), ('res.partner', 'email'));
SELECT test.groups('{"groupby": ["amount_total"]}');
SELECT test.groups('{"measures": ["amount_total:sum"]}');
SELECT test.groups('{"groupby": ["state"], "having": "[[\"amount_total:sum\", \">\", 1]]"}');
SELECT test.groups('{"groupby": ["state"], "order": "amount_total:sum"}');
SELECT test.groups('{"groupby": ["partner_id.email"]}');
SELECT test.groups('{"measures": ["amount_totl:sum"]}');
UPDATE mcp_access SET domain = '[["color", "=", 1]]', domain_json = '[["color", "=", 1]]' WHERE model = 'res.partner';
SELECT test.groups('{"groupby": ["partner_id"]}');
SELECT test.groups('{"groupby": ["partner_id"], "order": "partner_id"}');
SELECT test.groups('{"groupby": ["partner_id", "state"], "order": "state desc"}');
SELECT test.groups('{"groupby": ["tag_ids"]}');
SELECT test.groups('{"groupby": ["partner_id.color"]}');
UPDATE mcp_access SET perm_read = false WHERE model = 'res.partner';
SELECT test.groups('{"groupby": ["partner_id"]}');
SELECT test.groups('{"groupby": ["partner_id.color"]}');
UPDATE mcp_access SET perm_read = false WHERE model = 'sale.order';
SELECT test.groups('{"groupby": ["partner_id"]}');
ROLLBACK TO restricted;

-- Odoo 18 has no paths, 17 no date parts, 16 no conditions on measures.
UPDATE ir_module_module SET latest_version = '18.0.1.3' WHERE name = 'base';
SELECT test.groups('{"groupby": ["partner_id.parent_id"]}');
SELECT test.groups('{"groupby": ["date_order:day_of_week"]}');
UPDATE ir_module_module SET latest_version = '17.0.1.3' WHERE name = 'base';
SELECT test.groups('{"groupby": ["date_order:day_of_week"]}');
UPDATE ir_module_module SET latest_version = '16.0.1.3' WHERE name = 'base';
SELECT test.groups('{"groupby": ["state"], "having": "[[\"count\", \">\", 1]]"}');
ROLLBACK;

-- Fields of one model that would reveal hidden data, by the dependencies that the addon exports (mcp_field_dependency):
-- by `related` or by computation, through any number of fields. An unreadable or partly readable model hides only
-- fields that are `related` to other records of it, quote them or show them.
-- $1 model, $2 what is hidden, a JSON object: `hidden` pairs of model and field, `only` the visible fields by model,
-- `unreadable` models, `readable` the only readable models, or null.
-- The result: `known`, whether there are dependencies at all; `fields`; `searched`, fields that a method searches by.
WITH RECURSIVE seed (model, field, origin) AS (
    SELECT s.value ->> 0, s.value ->> 1, '' FROM pg_catalog.jsonb_array_elements($2::jsonb -> 'hidden') s
    UNION
    SELECT f.model, f.name, f.model
    FROM pg_catalog.jsonb_each($2::jsonb -> 'only') o JOIN public.ir_model_fields f ON f.model = o.key
    WHERE NOT o.value ? f.name AND f.name <> 'id'
),
-- Undeclared copies that Odoo makes when a record names another: a stored field that is computed from the relation, or
-- any field of a model that copies on creation, if it has the name of the hidden field or leads to the same model; and
-- the following fields.
copied (model, field, of_model, of_field) AS (
    VALUES ('crm.lead', 'contact_name', 'res.partner', 'name'), ('crm.lead', 'partner_name', 'res.partner', 'name'),
           ('crm.lead', 'email_from', 'res.partner', 'email'),
           ('calendar.attendee', 'common_name', 'res.partner', 'name'),
           ('res.partner.bank', 'acc_holder_name', 'res.partner', 'name'),
           ('mail.message', 'email_from', 'res.partner', 'name'),
           ('mail.message', 'email_from', 'res.partner', 'email'), ('mail.message', 'reply_to', 'res.partner', 'name'),
           ('mail.message', 'reply_to', 'res.partner', 'email'),
           ('payment.transaction', 'partner_address', 'res.partner', 'street'),
           ('payment.transaction', 'partner_address', 'res.partner', 'street2'),
           ('mail.activity.schedule', 'note', 'mail.activity.type', 'default_note'),
           ('mail.activity.plan.template', 'note', 'mail.activity.type', 'default_note'),
           ('sale.order.line', 'name', 'product.template', 'name'),
           ('sale.order.line', 'name', 'product.template', 'description_sale'),
           ('sale.order.line', 'name', 'product.product', 'default_code'),
           ('sale.order.line', 'price_unit', 'product.template', 'list_price'),
           ('sale.order.line', 'technical_price_unit', 'product.template', 'list_price'),
           ('sale.order.line', 'purchase_price', 'product.product', 'standard_price'),
           ('sale.order.line', 'customer_lead', 'product.template', 'sale_delay'),
           ('purchase.order.line', 'name', 'product.template', 'name'),
           ('purchase.order.line', 'name', 'product.template', 'description_purchase'),
           ('purchase.order.line', 'name', 'product.product', 'default_code'),
           ('purchase.order.line', 'price_unit', 'product.product', 'standard_price'),
           ('purchase.order.line', 'technical_price_unit', 'product.product', 'standard_price'),
           ('purchase.order.line', 'price_unit', 'product.supplierinfo', 'price'),
           ('purchase.order.line', 'technical_price_unit', 'product.supplierinfo', 'price'),
           ('account.move.line', 'name', 'product.template', 'name'),
           ('account.move.line', 'name', 'product.template', 'description_sale'),
           ('account.move.line', 'name', 'product.template', 'description_purchase'),
           ('account.move.line', 'name', 'product.product', 'default_code'),
           ('account.move.line', 'price_unit', 'product.template', 'list_price'),
           ('pos.order.line', 'price_unit', 'product.template', 'list_price'),
           ('stock.move', 'price_unit', 'product.product', 'standard_price'),
           ('stock.valuation.layer', 'unit_cost', 'product.product', 'standard_price'),
           ('ir.sequence', 'name', 'stock.warehouse', 'name'),
           ('product.value', 'value', 'product.product', 'standard_price'),
           ('product.value', 'description', 'product.product', 'standard_price'),
           ('stock.move', 'value', 'product.product', 'standard_price'),
           ('stock.move', 'value_manual', 'product.product', 'standard_price'),
           ('stock.move', 'remaining_value', 'product.product', 'standard_price'),
           ('mail.activity', 'note', 'mail.activity.type', 'default_note'),
           ('mail.activity', 'summary', 'mail.activity.type', 'summary')
),
copy (model, field) AS (
    SELECT c.model, c.name
    FROM seed s
    JOIN public.ir_model_fields h ON h.model = s.model AND h.name = s.field
    JOIN public.ir_model_fields r ON r.relation = s.model AND r.ttype = 'many2one' AND r.model <> s.model
    JOIN public.ir_model_fields c ON c.model = r.model AND c.store AND c.ttype = h.ttype AND c.name <> r.name
    WHERE (c.name IN (h.name, pg_catalog.regexp_replace(r.name, '_id$', '_') || h.name)
           OR (h.ttype = 'many2one' AND c.relation = h.relation AND c.relation <> s.model))
      AND (c.model IN ('snailmail.letter', 'payment.transaction')
           OR EXISTS (SELECT FROM public.mcp_field_dependency d
                      WHERE d.model = c.model AND d.field = c.name AND d.on_model = r.model AND d.on_field = r.name))
    UNION
    SELECT k.model, k.field FROM seed s JOIN copied k ON (k.of_model, k.of_field) = (s.model, s.field)
),
-- Texts made from a text of another model's record, and names of records. An editable text counts as a value of its own
-- model.
quoting (model, field, on_model, how) AS (
    SELECT d.model, d.field, d.on_model, 'told'
    FROM public.mcp_field_dependency d
    JOIN public.ir_model_fields o ON o.model = d.on_model AND o.name = d.on_field
    LEFT JOIN public.ir_model_fields f ON f.model = d.model AND f.name = d.field
    WHERE d.beyond AND NOT d.related AND d.model <> d.on_model AND o.ttype IN ('char', 'text', 'html')
      AND (d.field = '@names' OR f.ttype IN ('char', 'text', 'html') AND (f.readonly OR NOT coalesce(f.store, false)))
    UNION
    -- Records that code shows, whichever it reaches, and names made from names.
    SELECT d.model, d.field, d.on_model, CASE d.on_field WHEN '@records' THEN 'shown' ELSE 'told' END
    FROM public.mcp_field_dependency d
    WHERE d.on_field = '@records' OR (d.on_field = '@names' AND d.model <> d.on_model)
),
-- `how`: `hidden` by name (or a copy of a hidden field), `told` by a hidden field, `shown` by code that reaches a
-- record, or `guessed` where the dependencies are unknown.
tainted (model, field, origin, strong, how) AS (
    SELECT s.model, s.field, s.origin, true, 'hidden' FROM seed s
    UNION
    SELECT c.model, c.field, '', true, 'hidden' FROM copy c
    WHERE NOT coalesce($2::jsonb -> 'only' -> c.model ? c.field, false)
    UNION
    -- A field with unknown dependencies may reveal everything of its record.
    SELECT d.model, d.field, s.origin, true, 'guessed'
    FROM (SELECT DISTINCT model, origin FROM seed) s
    JOIN public.mcp_field_dependency d ON d.model = s.model AND d.on_field = '*'
    WHERE NOT (s.origin = d.model AND $2::jsonb -> 'only' -> d.model ? d.field::text)
    UNION
    -- A deciding value reveals something of itself, but too little of its own sources.
    SELECT d.model, d.field, '', true, 'told'
    FROM seed s JOIN public.mcp_field_dependency d ON d.on_model = s.model AND d.on_field = '@if:' || s.field
    WHERE s.origin = ''
    UNION
    SELECT d.model, d.field, '', false, d.how
    FROM (SELECT r.model, r.field, r.on_model, 'told' AS how FROM public.mcp_field_dependency r WHERE r.related AND r.beyond
          UNION SELECT q.model, q.field, q.on_model, q.how FROM quoting q) d
    WHERE (CASE WHEN $2::jsonb -> 'readable' = 'null'::jsonb THEN false ELSE NOT $2::jsonb -> 'readable' ? d.on_model::text END
           OR $2::jsonb -> 'unreadable' ? d.on_model::text)
    UNION
    SELECT d.model, d.field, t.origin, t.strong, CASE t.how WHEN 'hidden' THEN 'told' ELSE t.how END
    FROM tainted t JOIN public.mcp_field_dependency d ON d.on_model = t.model AND d.on_field IN (t.field, '*')
    LEFT JOIN public.ir_model_fields f ON t.how <> 'hidden' AND f.model = t.model AND f.name = t.field
    -- A record's name reveals the fields it is made from. Numbers computed from other fields reveal no names.
    WHERE (d.on_field = t.field OR (t.strong AND d.field = '@names'
                                    AND (t.how = 'hidden' OR coalesce(f.ttype, 'char') IN ('char', 'text', 'html'))))
      AND (t.strong OR d.related OR (t.how <> 'shown' AND d.field IN ('display_name', 'complete_name', '@names')))
      -- Reads of another record by code are known; a guess is not followed there.
      AND (t.strong AND t.how <> 'guessed' OR d.beyond OR d.related OR d.model = d.on_model)
      -- An administrator who lists a field as visible knows its sources; a field hidden by name stays hidden.
      AND NOT (t.origin = d.model AND $2::jsonb -> 'only' -> d.model ? d.field::text)
)
SELECT pg_catalog.json_build_object(
    'known', EXISTS (SELECT FROM public.mcp_field_dependency d WHERE d.model = ''),
    'fields', (SELECT coalesce(pg_catalog.json_agg(DISTINCT t.field), '[]') FROM tainted t WHERE t.model = $1),
    'searched', (SELECT coalesce(pg_catalog.json_agg(d.field), '[]') FROM public.mcp_field_dependency d
                 WHERE d.model = $1 AND d.on_field = '@search'))::text

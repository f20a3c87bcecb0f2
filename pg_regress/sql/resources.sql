-- Resources: visibility, URIs, contents, and completion of templates.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();

-- Deletes the resources of other tests from the lists.
DELETE FROM mcp_resource_group_rel;
DELETE FROM mcp_resource;
-- The built-in resources, and some of an administrator's.
INSERT INTO mcp_resource (id, sequence, name, title, description, uri, kind, mime_type, is_template, active)
SELECT r.id, r.id * 10, r.name, initcap(r.name), 'About ' || r.name || '.', r.uri, r.kind, r.mime, r.uri LIKE '%{%', true
FROM (VALUES
    (1, 'system', 'odoo://system', 'system', 'application/json'), (2, 'models', 'odoo://models', 'models', 'application/json'),
    (3, 'modules', 'odoo://modules', 'modules', 'application/json'),
    (4, 'schema', 'odoo://model/{model}/schema', 'schema', 'application/json'),
    (5, 'access', 'odoo://model/{model}/access', 'access', 'application/json'),
    (6, 'module', 'odoo://module/{module}', 'module', 'application/json'),
    (7, 'record', 'odoo://record/{model}/{id}', 'record', 'application/json'),
    (8, 'value', 'odoo://record/{model}/{id}/{field}', 'value', NULL)
) AS r (id, name, uri, kind, mime);
INSERT INTO mcp_resource (id, sequence, name, title, uri, kind, mime_type, is_template, active, text, data, size, audience, priority, write_date,
                          method, res_model, res_id, res_field, most_kb) VALUES
    (11, NULL, 'returns', 'Returns', 'docs://returns', 'text', 'text/markdown', false, true, E'# Rückgabe\n"14 days"', NULL, 22, 'both', 0.8, '2026-01-02 03:04:05.678', NULL, NULL, NULL, NULL, NULL),
    (12, 110, 'dot', '', 'docs://dot', 'binary', 'image/gif', false, true, NULL, E'R0lGODlh\nAQABAA==\n', 10, 'user', 0, '2026-01-02 03:04:05', NULL, NULL, NULL, NULL, NULL),
    (13, 120, 'administrators_only', NULL, 'docs://secret', 'text', 'text/plain', false, true, 'for some', NULL, 8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (14, 130, 'archived', NULL, 'docs://archived', 'text', 'text/plain', false, false, 'old', NULL, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (15, 140, 'made', NULL, 'made://thing', 'method', 'text/plain', false, true, NULL, NULL, 0, NULL, NULL, NULL, '_resource_thing', NULL, NULL, NULL, NULL),
    (16, 150, 'made_of', NULL, 'made://{country}/{what}', 'method', NULL, true, true, NULL, NULL, 0, 'assistant', 1, NULL, '_resource_made', NULL, NULL, NULL, NULL),
    (17, 160, 'salary', NULL, 'pay://slip', 'field', NULL, false, true, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'hr.secret', 1, 'id', NULL),
    (18, 170, 'note', NULL, 'order://{id}/note', 'field', 'text/markdown', true, true, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'sale.order', NULL, 'note', 1),
    (19, 200, 'partner', NULL, 'odoo://record/res.partner/{id}', 'method', NULL, true, true, NULL, NULL, 0, NULL, NULL, NULL, '_resource_partner', NULL, NULL, NULL, NULL),
    (20, 65, 'twin', NULL, 'odoo://record/{a}/{b}', 'method', NULL, true, true, NULL, NULL, 0, NULL, NULL, NULL, '_resource_twin', NULL, NULL, NULL, NULL),
    (21, 210, 'broken', NULL, 'odoo://{broken', 'method', NULL, true, true, NULL, NULL, 0, NULL, NULL, NULL, '_resource_broken', NULL, NULL, NULL, NULL),
    (22, 220, 'large', NULL, 'docs://large', 'text', 'text/plain', false, true, repeat('x', 2000), NULL, 2000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1),
    (23, 230, 'empty', NULL, 'docs://empty', 'text', 'text/plain', false, true, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (24, 240, 'odd', NULL, 'docs://odd', 'moon', NULL, false, true, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT setval('mcp_resource_id_seq', 100);
INSERT INTO mcp_resource_group_rel VALUES (13, 4), (19, 5), (20, 4);
-- Only the group Settings may read the apps.
INSERT INTO ir_model (id, model, name, transient) VALUES (9, 'ir.module.module', '{"en_US": "Module"}', false);
INSERT INTO ir_model_access (name, model_id, group_id, active, perm_read, perm_write, perm_create, perm_unlink) VALUES ('module settings', 9, 2, true, true, true, true, true);
INSERT INTO ir_config_parameter (key, value) VALUES ('database.uuid', '11111111-2222-4333-8444-555555555555') ON CONFLICT DO NOTHING;

-- A request of a handshake version. Returns the result, the error, or the step's method and arguments.
CREATE FUNCTION pg_temp.rpc(
    method text, params jsonb DEFAULT '{}', key integer DEFAULT 1, version text DEFAULT '2025-11-25', number bigint DEFAULT nextval('test.number')
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    whole text := test.post(jsonb_build_object('jsonrpc', '2.0', 'id', 1, 'method', method, 'params', params)::text,
        jsonb_build_object('mcp-protocol-version', version), key, number);
    answer jsonb := (SELECT a.answer FROM test.answer a WHERE a.number = $5);
    body jsonb := answer -> 'reply' ->> 'body';
BEGIN
    RETURN coalesce('step ' || (answer -> 'step' ->> 'model') || ' ' || coalesce(answer -> 'step' ->> 'record_id', '-') || ' ' || (answer -> 'step' ->> 'method')
                        || ' ' || (answer -> 'step' -> 'arguments')::text,
                    body #>> '{result}', nullif(concat_ws(' ', body #> '{error,code}', body #>> '{error,message}', body #> '{error,data}'), ''), whole);
END $$;
CREATE FUNCTION pg_temp.read(uri text, key integer DEFAULT 1, number bigint DEFAULT nextval('test.number')) RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.rpc('resources/read', jsonb_build_object('uri', uri), key, number => number) $$;
CREATE FUNCTION pg_temp.names(key integer, list text DEFAULT 'resources/list') RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(r ->> 'name', ' ') FROM jsonb_each(pg_temp.rpc(list, key => key)::jsonb) l, jsonb_array_elements(l.value) r $$;

-- Visibility: the administrator, a user, a salesperson. Invalid URIs that bypassed Odoo's check are omitted. Only users
-- who may read apps see the apps, and only users who may read a field's model see the field.
SELECT key, pg_temp.names(key), pg_temp.names(key, 'resources/templates/list') FROM unnest('{1,2,10}'::int[]) key;
-- The members of a resource in each version.
SELECT version, r FROM unnest('{2024-11-05,2025-03-26,2025-06-18,2025-11-25}'::text[]) version,
    jsonb_array_elements(pg_temp.rpc('resources/list', version => version)::jsonb -> 'resources') r WHERE r ->> 'name' IN ('returns', 'dot');
SELECT r FROM jsonb_array_elements(pg_temp.rpc('resources/templates/list')::jsonb -> 'resourceTemplates') r WHERE r ->> 'name' IN ('schema', 'made_of');
SELECT left(test.modern('resources/templates/list', key => 2, number => 1), 3);
SELECT jsonb_set((answer -> 'reply' ->> 'body')::jsonb #- '{result,_meta}', '{result,resourceTemplates}', 'null') FROM test.answer WHERE number = 1;

-- Pages. A cursor is valid only for this list and this user.
BEGIN;
INSERT INTO mcp_resource (sequence, name, uri, kind, mime_type, is_template, active, text)
SELECT 300 + i % 3, 'page ' || i % 50, 'page://' || i, 'text', 'text/plain', false, true, i::text FROM generate_series(1, 230) i;
CREATE FUNCTION pg_temp.pages(key integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    cursor text;
    result jsonb;
BEGIN
    LOOP
        result := pg_temp.rpc('resources/list', jsonb_strip_nulls(jsonb_build_object('cursor', cursor)), key);
        RETURN QUERY SELECT r ->> 'uri' FROM jsonb_array_elements(result -> 'resources') r;
        cursor := result ->> 'nextCursor';
        EXIT WHEN cursor IS NULL;
    END LOOP;
END $$;
SELECT count(*), count(DISTINCT p.uri), array_agg(p.uri ORDER BY p.at) = (SELECT array_agg(r.uri::text ORDER BY coalesce(r.sequence, 0), r.name COLLATE "C", r.id)
    FROM mcp_resource r WHERE NOT is_template AND active AND id NOT IN (3, 13, 17)) FROM pg_temp.pages(2) WITH ORDINALITY AS p (uri, at);
SELECT pg_temp.rpc('resources/list', key => 2)::jsonb ->> 'nextCursor' AS cursor \gset
SELECT left(pg_temp.rpc('resources/list', jsonb_build_object('cursor', :'cursor'), 2), 40);
SELECT pg_temp.rpc('resources/list', jsonb_build_object('cursor', :'cursor'), 1);
SELECT pg_temp.rpc('resources/templates/list', jsonb_build_object('cursor', :'cursor'), 2);
SELECT c, pg_temp.rpc('resources/list', jsonb_build_object('cursor', c), 2) FROM unnest('{x,""}'::text[]) c;
SELECT count(*) FROM unnest(ARRAY[overlay(:'cursor' PLACING 'AA' FROM 1), :'cursor' || 'AA', translate(:'cursor', '.', '')]) c
    WHERE pg_temp.rpc('resources/list', jsonb_build_object('cursor', c), 2) LIKE '-32602 params.cursor %';
SELECT pg_temp.rpc('resources/list', '{"cursor": 5}');
SELECT pg_temp.rpc('resources/list', '{"cursor": null}', 2)::jsonb ? 'nextCursor';
ROLLBACK;

-- Static content. An empty text is valid content.
SELECT pg_temp.read('docs://returns');
SELECT pg_temp.read('docs://dot', 2);
SELECT pg_temp.read('docs://empty');
SELECT pg_temp.read('docs://secret');
-- Too large, by the resource's own limit and by the limit of every answer.
SELECT pg_temp.read('docs://large');
BEGIN;
INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.max_answer_kb', '10');
UPDATE mcp_resource SET most_kb = NULL, text = repeat('x', 10001), size = NULL WHERE id = 22;
SELECT pg_temp.read('docs://large');
UPDATE mcp_resource SET most_kb = 11 WHERE id = 22;
SELECT length(pg_temp.read('docs://large')::jsonb #>> '{contents,0,text}');
ROLLBACK;
-- Invalid base64 that bypassed Odoo's check.
BEGIN;
UPDATE mcp_resource SET data = 'hello!' WHERE id = 12;
SELECT pg_temp.read('docs://dot');
UPDATE mcp_resource SET data = NULL WHERE id = 12;
SELECT pg_temp.read('docs://dot');
ROLLBACK;
SELECT pg_temp.read('docs://odd');

-- An unknown resource: another code in the handshake versions, and the URI in both. Never an empty list.
SELECT pg_temp.read('docs://retrns');
SELECT test.modern('resources/read', '{"uri": "docs://retrns"}', '{"mcp-name": "docs://retrns"}');
SELECT uri, pg_temp.read(uri, 2) FROM unnest(ARRAY['docs://secret', 'docs://archived', 'pay://slip', 'odoo://modules', 'odoo://module/sale', 'DOCS://returns', 'docs://Returns',
    'docs://returns/', 'docs://returns?x', 'docs://return%73', 'docs://', '', 'docs', 'docs://a b', 'docs://é', 'docs://%', 'docs://%00', E'docs://returns\n',
    'docs://''; DROP TABLE mcp_resource; --', 'odoo://{broken', 'odoo://record/{model}/{id}', 'odoo://record/res.partner', 'odoo://record/res.partner/1/../2',
    'odoo://record/res.partner/1%2F..%2F2', 'odoo://record/res.partner/%31', 'odoo://record/res.partner/0', 'odoo://record/res.partner/-1', 'odoo://record/res.partner/+1',
    'odoo://record/res.partner/01', 'odoo://record/res.partner/1.0', 'odoo://record/res.partner/1e3', 'odoo://record/res.partner/2147483648',
    'odoo://record/res.partner/99999999999999999999', 'odoo://record/res.partner/%D9%A1', 'odoo://record/res.partner/1%00', 'odoo://record/res.partner/1%0A',
    'odoo://record/RES.PARTNER/1', 'odoo://record/res.partnr/1', 'odoo://record/res%2Fpartner/1', 'odoo://record/res_partner/1', 'odoo://record/res.partner/1/nmae',
    'odoo://record/res.partner/1/parent_id.name', 'odoo://model/res.partnr/schema', 'odoo://model/res.partnr/access', 'odoo://model//access']) uri;
SELECT left(pg_temp.read('x:' || repeat('y', 3000)), 60);
SELECT pg_temp.rpc('resources/read', p) FROM unnest(ARRAY['{}', '{"uri": null}', '{"uri": 5}', '{"uri": ["odoo://system"]}']::jsonb[]) p;

-- The resource about Odoo: only administrators see the server's internals.
CREATE FUNCTION pg_temp.content(uri text, key integer DEFAULT 1) RETURNS jsonb LANGUAGE sql AS $$ SELECT (pg_temp.read(uri, key)::jsonb #>> '{contents,0,text}')::jsonb $$;
SELECT key, c #- '{now}' #- '{mcp,server}' #- '{server,postgresql}' #- '{server,extension}' #- '{server,time_zone_data}', c ->> 'now' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$'
FROM unnest('{1,2}'::int[]) key, pg_temp.content('odoo://system', key) c;
-- Models, in the user's language.
SELECT key, pg_temp.content('odoo://models', key) FROM unnest('{1,2,10}'::int[]) key;
-- Access, with the reason. Only users who may read record rules see their names.
SELECT pg_temp.content('odoo://model/res.partner/access', 2);
SELECT jsonb_pretty(pg_temp.content('odoo://model/sale.order/access', 10));
SELECT pg_temp.content('odoo://model/hr.secret/access', 2);
BEGIN;
INSERT INTO ir_model (id, model, name) VALUES (10, 'ir.rule', '{"en_US": "Record Rule"}');
INSERT INTO ir_model_access (name, model_id, group_id, active, perm_read) VALUES ('rules', 10, 5, true, true);
SELECT pg_temp.content('odoo://model/sale.order/access', 10) #> '{operations,unlink}';
ROLLBACK;

-- The queries to Odoo. The template with the most literal text matches first, then the order decides.
SELECT uri, key, pg_temp.read(uri, key) FROM (VALUES ('odoo://model/res.partner/schema', 2), ('odoo://modules', 1), ('odoo://module/sale', 1), ('odoo://module/no%20such', 1),
    ('odoo://record/res.partner/7', 2), ('odoo://record/res.partner/7', 10), ('odoo://record/sale.order/7', 1), ('odoo://record/sale.order/7', 2), ('odoo://record/res.partner/7/image_1920', 2),
    ('order://7/note', 10), ('made://thing', 2), ('made://b%C3%A9l/a%2Fb', 2)) AS t (uri, key);
-- The language, the companies and the time zone are the user's.
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": "made://thing"}}', '{"mcp-protocol-version": "2025-11-25"}', number => 20);
SELECT count(*) FROM mcp_inflight_call WHERE call_id = test.call_id(20)::uuid;

-- Results of Odoo, as the client gets them.
CREATE FUNCTION pg_temp.finish(uri text, outcome jsonb, key integer DEFAULT 1, number bigint DEFAULT nextval('test.number')) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    step text := pg_temp.read(uri, key, number);
BEGIN
    RETURN regexp_replace(test.resume(number, outcome), '"_meta":\{[^}]*\}+', '"_meta":…');
END $$;
SELECT pg_temp.finish('odoo://model/sale.order/schema', '{"result": {"model": "sale.order", "description": "Sales Order", "order": "date_order desc", "rec_name": "name", "fields": {
    "name": {"type": "char", "string": "Order Reference", "required": true, "readonly": false, "store": true, "searchable": true, "sortable": true, "help": ""}}}}');
SELECT pg_temp.finish('odoo://modules', '{"result": {"records": [{"name": "sale", "shortdesc": "Sales", "summary": null, "state": "installed", "installed_version": "19.0.1.2", "application": true, "author": "Odoo", "category": "Sales"}], "total": 1}}');
SELECT pg_temp.finish('odoo://module/sale', '{"result": {"name": "sale", "depends": ["base"]}}');
SELECT pg_temp.finish('odoo://record/res.partner/7', '{"result": {"fields": ["id", "display_name", "active", "email", "create_date", "child_ids"], "missing": [], "records": [
    {"id": 7, "display_name": "Portal", "active": false, "email": false, "create_date": "2026-07-01 12:00:00", "child_ids": [8, 9]}]}}', 2);
SELECT pg_temp.finish('odoo://record/res.partner/7/email', '{"result": {"value": "a@b.example"}}', 2);
SELECT pg_temp.finish('odoo://record/res.partner/7/create_date', '{"result": {"value": "2026-07-01 12:00:00"}}', 2);
SELECT pg_temp.finish('odoo://record/res.partner/7/image_1920', '{"result": {"blob": "aGk=", "mime_type": "image/png"}}', 2);
SELECT pg_temp.finish('order://7/note', '{"result": {"value": "<p>x</p>"}}', 10);
SELECT pg_temp.finish('order://7/note', jsonb_build_object('result', jsonb_build_object('value', repeat('x', 1001))), 10);
SELECT pg_temp.finish('made://thing', r) FROM unnest(ARRAY['{"result": {"text": "hello"}}', '{"result": {"blob": "aGk=", "mime_type": "image/png"}}', '{"result": {"json": [1.50, null]}}',
    '{"content": [{"type": "text", "text": "a"}, {"type": "image", "data": "aGk=", "mimeType": "image/gif"}]}']::jsonb[]) r;
SELECT pg_temp.finish('made://a/b', r) FROM unnest(ARRAY['{"result": {"text": "hello"}}', '{"result": {"blob": "aGk=", "mime_type": "image/png"}}', '{"result": {"json": {"a": 1}}}']::jsonb[]) r;
SELECT pg_temp.finish('made://thing', '{"result": "text"}');
-- In 2026-07-28 the content must not be cached.
SELECT test.modern('resources/read', '{"uri": "made://thing"}', '{"mcp-name": "made://thing"}', number => 21) ~ '^step';
SELECT test.resume(21, '{"result": {"text": "hello"}}');
SELECT test.modern('resources/read', '{"uri": "docs://dot"}', '{"mcp-name": "docs://dot"}');
SELECT test.modern('resources/read', '{"uri": "made://thing"}', '{"mcp-name": "made://thing"}', number => 22) ~ '^step';
SELECT test.resume(22, '{"error": {"type": "missing_error", "message": "There is no record 7 of res.partner."}}');

-- Errors of Odoo.
SELECT e, pg_temp.finish('odoo://record/res.partner/7', jsonb_build_object('error', jsonb_build_object('type', e, 'message', CASE e WHEN 'internal' THEN '' ELSE 'Odoo says so' END)), 2, 500 + at)
FROM unnest('{missing_error,access_error,user_error,timeout,no_method,bad_arguments,internal,pool_full,not_json}'::text[]) WITH ORDINALITY AS t (e, at);
SELECT test.audit(501), test.audit(502), test.audit(507);

-- Audit rows: for answers of the core, for its refusals, and for results of Odoo.
SELECT pg_temp.read('docs://returns', 2, 30) IS NOT NULL, pg_temp.read('odoo://models', 2, 31) IS NOT NULL, pg_temp.read('docs://retrns', 2, 32) IS NOT NULL,
    pg_temp.finish('odoo://record/res.partner/7', '{"result": {"fields": ["id", "display_name"], "missing": [], "records": [{"id": 7, "display_name": "Portal"}]}}', 2, 33) IS NOT NULL,
    pg_temp.rpc('resources/list', key => 2, number => 34) IS NOT NULL;
SELECT test.audit(number) FROM unnest('{30,31,32,33,34}'::int[]) number;
SELECT response_bytes > 100 FROM mcp_audit_log WHERE call_id IN (SELECT test.call_id(n)::uuid FROM unnest('{30,31,33}'::int[]) n);

-- Completion.
CREATE FUNCTION pg_temp.complete(uri text, argument text, value text, given jsonb DEFAULT '{}', key integer DEFAULT 2, number bigint DEFAULT nextval('test.number')) RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.rpc('completion/complete', jsonb_build_object('ref', jsonb_build_object('type', 'ref/resource', 'uri', uri),
    'argument', jsonb_build_object('name', argument, 'value', value), 'context', jsonb_build_object('arguments', given)), key, number => number) $$;
SELECT key, pg_temp.complete('odoo://model/{model}/schema', 'model', 'sale', key => key) FROM unnest('{2,10}'::int[]) key;
SELECT pg_temp.complete('odoo://model/{model}/access', 'model', '');
SELECT pg_temp.complete('odoo://record/{model}/{id}', 'id', 'azu', '{"model": "res.partner"}');
SELECT pg_temp.complete('odoo://record/{model}/{id}/{field}', 'field', 'na', '{"model": "res.partner", "id": "7"}');
-- The answers are empty and the same for no model yet, an unknown one, and one that the user may not read.
SELECT given, pg_temp.complete('odoo://record/{model}/{id}', 'id', '', given) FROM unnest(ARRAY['{}', '{"model": "no.such"}', '{"model": "hr.secret"}', '{"model": "sale.order"}', '{"model": ""}']::jsonb[]) given;
SELECT pg_temp.complete('odoo://module/{module}', 'module', 'sa', key => 1);
SELECT pg_temp.complete('order://{id}/note', 'id', 'S0', key => 10);
SELECT pg_temp.complete('made://{country}/{what}', 'what', 'x', '{"country": "be"}');
SELECT pg_temp.complete('odoo://record/{model}/{id}', 'model', repeat('x', 1001));
SELECT pg_temp.complete('odoo://record/{model}/{id}', 'id', 'azu', '{"model": "res.partner"}', number => 40);
SELECT test.resume(40, '{"result": {"values": ["14", "20"]}}');
SELECT test.audit(40);
SELECT pg_temp.complete('odoo://record/{model}/{id}/{field}', 'field', 'na', '{"model": "res.partner"}', number => 41);
SELECT test.resume(41, '{"result": {"candidates": [["email", "Email"], ["name", "Name"], ["x", "Nation"]]}}');
-- Refused: a template that is unknown or not for this user; a resource that is no template; an unknown variable.
SELECT uri, argument, pg_temp.complete(uri, argument, '', given) FROM (VALUES ('odoo://record/{model}', 'model', '{}'::jsonb), ('odoo://module/{module}', 'module', '{}'), ('odoo://system', 'model', '{}'),
    ('odoo://record/{model}/{id}', 'ids', '{}'), ('odoo://record/{model}/{id}', 'id', '{"modle": "x"}'), ('odoo://{broken', 'broken', '{}')) AS t (uri, argument, given);

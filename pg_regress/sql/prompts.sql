-- Prompts: visibility, filling in arguments, completion.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SELECT test.clear();

-- The addon's tables, as the ORM creates them.
CREATE TABLE mcp_prompt (
    id serial PRIMARY KEY, sequence integer, user_id integer REFERENCES res_users ON DELETE CASCADE, name varchar NOT NULL,
    title varchar, required_models varchar, method varchar, description text, active boolean);
CREATE UNIQUE INDEX mcp_prompt_name_uniq ON mcp_prompt (name, coalesce(user_id, 0));
CREATE TABLE mcp_prompt_group_rel (prompt_id integer NOT NULL, group_id integer NOT NULL, PRIMARY KEY (prompt_id, group_id));
CREATE TABLE mcp_prompt_argument (
    id serial PRIMARY KEY, prompt_id integer NOT NULL REFERENCES mcp_prompt ON DELETE CASCADE, sequence integer,
    name varchar NOT NULL, title varchar, description varchar, required boolean, completion varchar, completion_values text,
    completion_model varchar, completion_argument varchar);
CREATE TABLE mcp_prompt_message (
    id serial PRIMARY KEY, prompt_id integer NOT NULL REFERENCES mcp_prompt ON DELETE CASCADE, sequence integer,
    role varchar NOT NULL, kind varchar NOT NULL, text text, uri varchar, image bytea, image_mimetype varchar);
CREATE TABLE IF NOT EXISTS mcp_resource (
    id serial PRIMARY KEY, sequence integer, most_kb integer, size integer, res_id integer, create_uid integer,
    write_uid integer, name varchar NOT NULL, title varchar, uri varchar NOT NULL, kind varchar NOT NULL, mime_type varchar,
    audience varchar, data_name varchar, method varchar, res_model varchar, res_field varchar, description text, text text,
    is_template boolean, active boolean, priority numeric, data bytea, create_date timestamp, write_date timestamp);
CREATE TABLE IF NOT EXISTS mcp_resource_group_rel (
    resource_id integer NOT NULL, group_id integer NOT NULL, PRIMARY KEY (resource_id, group_id));
INSERT INTO mcp_resource (id, name, uri, kind, mime_type, text, size, is_template, method, active) VALUES
    (901, 'rules', 'prompts:rules', 'text', 'text/plain', 'Be kind.', 8, false, NULL, true),
    (902, 'made', 'prompts:made/{x}', 'method', 'text/csv', NULL, NULL, true, '_resource_made', true),
    (903, 'private', 'prompts:private', 'text', 'text/plain', 'Secret', 6, false, NULL, true),
    (904, 'large', 'prompts:large', 'text', 'text/plain', repeat('x', 150000), 150000, false, NULL, true);
INSERT INTO mcp_resource_group_rel VALUES (903, 4);
INSERT INTO mcp_prompt (id, sequence, user_id, name, title, description, required_models, method, active) VALUES
    (1, 10, NULL, 'greet', 'Greet', 'Greets somebody.', NULL, NULL, true),
    (2, 20, NULL, 'orders', '', NULL, 'sale.order, res.partner', NULL, true),
    (3, 30, NULL, 'ghosts', NULL, NULL, 'no.model', NULL, true),
    (4, 40, NULL, 'administrators_only', NULL, NULL, '', NULL, true),
    (5, 50, NULL, 'archived', NULL, NULL, NULL, NULL, false),
    (6, 5, 6, 'notes', 'My notes', NULL, NULL, NULL, true),
    (7, 60, 6, 'greet', NULL, 'My own greeting.', NULL, NULL, true),
    (8, NULL, 9, 'notes', NULL, 'Of the seller.', NULL, NULL, true),
    (9, 70, NULL, 'made', NULL, NULL, NULL, '_prompt_made', true),
    (10, 80, 2, 'broken', NULL, NULL, NULL, NULL, true),
    (11, 80, 2, 'empty', NULL, NULL, NULL, NULL, true),
    (12, 80, 2, 'archived', NULL, NULL, NULL, NULL, true),
    (13, 90, NULL, 'mixed', NULL, NULL, NULL, NULL, true),
    (14, 100, NULL, 'embedding', NULL, NULL, NULL, NULL, true);
INSERT INTO mcp_prompt_group_rel VALUES (4, 4), (1, 1), (1, 4);
INSERT INTO mcp_prompt_argument (prompt_id, sequence, name, title, description, required, completion, completion_values, completion_model, completion_argument) VALUES
    (1, 20, 'how', NULL, NULL, NULL, 'values', E'kindly\n warmly \n\nbriefly\nkindly', NULL, NULL),
    (1, 10, 'who', 'Who', 'Whom to greet', true, 'record', NULL, 'res.partner', NULL),
    (2, 10, 'model', NULL, NULL, NULL, 'model', NULL, NULL, NULL),
    (2, 20, 'field', NULL, NULL, NULL, 'field', NULL, NULL, 'model'),
    (2, 30, 'company', NULL, NULL, NULL, 'company', NULL, NULL, NULL),
    (2, 40, 'free', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (2, 50, 'salary', NULL, NULL, NULL, 'record', NULL, 'hr.secret', NULL),
    (9, 10, 'what', NULL, NULL, true, 'moon.phase', NULL, NULL, NULL),
    (13, 10, 'uri', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (14, 10, 'x', NULL, NULL, true, NULL, NULL, NULL, NULL);
INSERT INTO mcp_prompt_message (prompt_id, sequence, role, kind, text, uri, image, image_mimetype) VALUES
    (1, 20, 'assistant', 'text', '{{"hello": "{who}"}}', NULL, NULL, NULL),
    (1, 10, 'user', 'text', 'Greet {who} {how}', NULL, NULL, NULL),
    (2, 10, 'user', 'text', 'Orders', NULL, NULL, NULL),
    (6, 10, 'user', 'text', 'Notes', NULL, NULL, NULL),
    (7, 10, 'user', 'text', 'Hi', NULL, NULL, NULL),
    (10, 10, 'user', 'text', 'ok', NULL, NULL, NULL),
    (10, 20, 'user', 'text', 'Hello {nobody}', NULL, NULL, NULL),
    (12, 10, 'user', 'text', 'Still here', NULL, NULL, NULL),
    (13, 10, 'user', 'image', NULL, NULL, 'R0lGODlhAQABAA==\012', 'image/gif'),
    (13, 20, 'user', 'resource', NULL, '{uri}', NULL, NULL),
    (14, 10, 'user', 'resource', NULL, 'prompts:made/{x}', NULL, NULL),
    (14, 20, 'user', 'text', 'Between {x}', NULL, NULL, NULL),
    (14, 30, 'assistant', 'resource', NULL, 'prompts:made/2', NULL, NULL),
    (14, 40, 'user', 'resource', NULL, 'prompts:rules', NULL, NULL);
SELECT setval('mcp_prompt_id_seq', 100);
-- Cursors are bound to the database's identity.
INSERT INTO ir_config_parameter (key, value) VALUES ('database.uuid', '11111111-2222-4333-8444-555555555555') ON CONFLICT DO NOTHING;

-- A request of a handshake version. Returns the result or the error.
CREATE FUNCTION test.rpc(
    method text, params jsonb DEFAULT '{}', key integer DEFAULT 1, version text DEFAULT '2025-11-25',
    number bigint DEFAULT nextval('test.number')
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    whole text := test.post(jsonb_build_object('jsonrpc', '2.0', 'id', 1, 'method', method, 'params', params)::text,
        jsonb_build_object('mcp-protocol-version', version), key, number);
    body jsonb := (SELECT a.answer -> 'reply' ->> 'body' FROM test.answer a WHERE a.number = $5);
BEGIN
    RETURN coalesce(body #>> '{result}', nullif(concat_ws(' ', body #> '{error,code}', body #>> '{error,message}'), ''), whole);
END $$;
CREATE FUNCTION test.names(key integer) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(p ->> 'name', ' ') FROM jsonb_array_elements(test.rpc('prompts/list', key => key)::jsonb -> 'prompts') p $$;
CREATE FUNCTION test.prompt(name text, arguments jsonb DEFAULT NULL, key integer DEFAULT 1, number bigint DEFAULT nextval('test.number')) RETURNS text LANGUAGE sql AS
$$ SELECT test.rpc('prompts/get', jsonb_strip_nulls(jsonb_build_object('name', name, 'arguments', arguments)), key, number => number) $$;
CREATE FUNCTION test.complete(name text, argument text, value text, given jsonb DEFAULT '{}', key integer DEFAULT 10, number bigint DEFAULT nextval('test.number')) RETURNS text LANGUAGE sql AS
$$ SELECT test.rpc('completion/complete', jsonb_build_object('ref', jsonb_build_object('type', 'ref/prompt', 'name', name),
    'argument', jsonb_build_object('name', argument, 'value', value), 'context', jsonb_build_object('arguments', given)), key, number => number) $$;

-- Visibility: the administrator, a user, a salesperson.
SELECT key, test.names(key) FROM unnest('{1,2,10}'::integer[]) key;
-- A prompt disappears when the user may not read its model, and returns with the right.
BEGIN;
INSERT INTO ir_model_access (name, model_id, group_id, active, perm_read) VALUES ('order user', 2, 1, true, true);
SELECT test.names(2);
UPDATE ir_model_access SET active = false WHERE model_id = 1;
SELECT test.names(2);
ROLLBACK;
-- A personal prompt has a longer name only while an active global prompt has its name.
BEGIN;
UPDATE mcp_prompt SET active = false WHERE id = 1;
SELECT test.names(2);
ROLLBACK;
-- The members of a prompt in each version.
SELECT version, test.rpc('prompts/list', key => 2, version => version) FROM unnest('{2024-11-05,2025-03-26,2025-06-18,2025-11-25}'::text[]) version;
SELECT test.modern('prompts/list', key => 10);

-- Pages: each prompt once, in order. Cursors are bound to this user and this list.
INSERT INTO mcp_prompt (sequence, user_id, name, active) SELECT number % 3, 9, 'p' || number, true FROM generate_series(1, 250) number;
DO $$
DECLARE
    cursor jsonb := '{}';
    page jsonb;
    names text[] := '{}';
    sizes integer[] := '{}';
BEGIN
    LOOP
        page := test.rpc('prompts/list', cursor, 10)::jsonb;
        names := names || ARRAY(SELECT p ->> 'name' FROM jsonb_array_elements(page -> 'prompts') p);
        sizes := sizes || jsonb_array_length(page -> 'prompts');
        EXIT WHEN NOT page ? 'nextCursor';
        cursor := jsonb_build_object('cursor', page -> 'nextCursor');
    END LOOP;
    RAISE WARNING 'pages of %, different ones: %, in order: %', sizes, (SELECT count(DISTINCT n) FROM unnest(names) n),
        names = ARRAY(SELECT p.name::text FROM mcp_prompt p WHERE active AND (user_id = 9 OR id IN (1, 2, 9, 13, 14)) ORDER BY coalesce(sequence, 0), name COLLATE "C", id);
END $$;
SELECT test.rpc('prompts/list', '{}', 10)::jsonb ->> 'nextCursor' AS cursor \gset
SELECT length(test.rpc('prompts/list', jsonb_build_object('cursor', :'cursor'), 10)) > 1000;
SELECT test.rpc('prompts/list', jsonb_build_object('cursor', :'cursor'), 2);
SELECT test.rpc('prompts/list', jsonb_build_object('cursor', left(:'cursor', -1)), 10);
SELECT test.rpc('prompts/list', '{"cursor": ""}', 10);
SELECT test.rpc('prompts/list', '{"cursor": 5}', 10);
SELECT test.rpc('prompts/list', '{"cursor": "WzAsICJwMSIsIDFd"}', 10);
DELETE FROM mcp_prompt WHERE id > 100;

-- Filling in. A missing optional argument is empty. Placeholders in values are not expanded.
SELECT test.prompt('greet', '{"who": "Ann {how} {{", "how": "kindly"}', number => 1);
SELECT test.prompt('greet', '{"who": "Ann"}');
SELECT test.prompt('my.greet', key => 2);
SELECT test.prompt('notes', key => 2);
SELECT test.prompt('archived');
SELECT test.modern('prompts/get', '{"name": "notes"}', key => 2);
-- Errors in the arguments.
SELECT test.prompt('greet', '{"whom": "Ann"}');
SELECT test.prompt('greet', '{"who": 5, "how": ["x"], "zzz": ""}');
SELECT test.prompt('greet', '[]');
SELECT test.prompt('notes', '{"who": "x"}', 2);
-- Unknown prompts: only prompts that this user sees are suggested.
SELECT test.prompt('gret');
SELECT test.prompt('administrators_only', key => 2);
SELECT test.prompt('administrator_only');
SELECT test.prompt('orders', key => 2);
SELECT test.prompt('ghosts');
SELECT test.prompt('my.greet');
SELECT test.prompt('notes');
SELECT test.prompt('broken', key => 2);
SELECT test.prompt(repeat('x', 100000));
SELECT test.rpc('prompts/get', '{}');
SELECT test.rpc('prompts/get', '{"name": ["greet"]}');
-- Records that bypassed Odoo's own checks.
SELECT test.prompt('broken');
SELECT test.prompt('empty');
-- Images and resources. A resource that is missing or that the user may not see is an error with its URI.
SELECT test.prompt('mixed', '{"uri": "prompts:rules"}', number => 11);
SELECT test.prompt('mixed', '{"uri": "prompts:rule"}');
SELECT test.prompt('mixed', '{"uri": ""}');
SELECT test.prompt('mixed');
SELECT left(test.prompt('mixed', '{"uri": "prompts:private"}'), 20), test.prompt('mixed', '{"uri": "prompts:private"}', 2);
SELECT length(test.prompt('mixed', '{"uri": "prompts:large"}')) > 150000;
-- Odoo reads all of its resources in one call. A value is one path segment of its URI.
SELECT test.prompt('embedding', '{"x": "a/b {y}"}', 2, 12);
SELECT test.resume(12, '{"result": [{"result": {"text": "a,b"}}, {"result": {"json": [2]}}]}');
SELECT left(test.prompt('embedding', '{"x": "1"}', 2, 13), 4);
SELECT test.resume(13, '{"error": {"type": "access_error", "message": "You may not."}}');
SELECT left(test.prompt('embedding', '{"x": "1"}', 2, 14), 4);
SELECT test.resume(14, jsonb_build_object('result', jsonb_build_array(
    jsonb_build_object('result', jsonb_build_object('text', repeat('x', 150000))),
    jsonb_build_object('result', jsonb_build_object('text', repeat('x', 150000))))));
-- The size limit of an answer.
SELECT test.prompt('greet', jsonb_build_object('who', repeat('x', 110000)));
SELECT length(test.prompt('greet', jsonb_build_object('who', repeat('x', 90000)))) > 180000;

-- A method creates the messages: its step, and the handling of its outcome.
SELECT test.prompt('made', '{}');
SELECT test.prompt('made', '{"what": "tea {x}"}', 2, 2);
SELECT test.resume(2, '{"result": [["user", "Make tea"], ["assistant", {"type": "text", "text": "Yes"}]]}');
SELECT left(test.prompt('made', '{"what": "tea"}', 2, 3), 4);
SELECT test.resume(3, '{"error": {"type": "user_error", "message": "There is no tea."}}');
SELECT left(test.prompt('made', '{"what": "tea"}', 2, 4), 4);
SELECT test.resume(4, '{"error": {"type": "internal", "message": ""}}');
SELECT left(test.prompt('made', '{"what": "tea"}', 2, 5), 4);
SELECT test.resume(5, '{"result": {"role": "system"}}');

-- Completion: a list, models, and the query to Odoo.
SELECT test.complete('greet', 'how', '', key => 2);
SELECT test.complete('greet', 'how', 'WA', key => 2);
SELECT test.complete('greet', 'how', 'breifly', key => 2);
SELECT test.complete('orders', 'free', 'x');
SELECT test.complete('orders', 'model', 'order');
SELECT test.complete('orders', 'model', 'contact');
SELECT test.complete('orders', 'model', 'hr.');
SELECT test.complete('orders', 'model', repeat('x', 1001));
SELECT test.complete('greet', 'who', 'A', key => 2, number => 6);
SELECT test.resume(6, '{"result": {"values": ["Ann", "Anna", "Ann"]}}');
SELECT test.complete('orders', 'field', 'na', '{"model": "sale.order"}', number => 7);
SELECT test.resume(7, '{"result": {"candidates": [["amount_total", "Total"], ["name", "Order"], ["partner_id", "Customer name"]]}}');
SELECT test.complete('orders', 'company', '', number => 8);
SELECT test.resume(8, '{"error": {"type": "timeout", "message": ""}}');
SELECT test.complete('made', 'what', 'f', number => 9);
-- The answers are the same for no model yet, an unknown one, one that the user may not read, and one without records.
SELECT test.complete('orders', 'field', 'na');
SELECT test.complete('orders', 'field', 'na', '{"model": "no.such.model"}');
SELECT test.complete('orders', 'field', 'na', '{"model": "hr.secret"}');
SELECT test.complete('orders', 'salary', '');
-- Errors in the request.
SELECT test.complete('order', 'model', '');
SELECT test.complete('orders', 'modell', '');
SELECT test.complete('orders', 'field', '', '{"modell": "x"}');
SELECT test.complete('orders', 'field', '', '{"model": 5}');
SELECT test.complete('administrators_only', 'x', '');
SELECT test.rpc('completion/complete', '{"ref": {"type": "ref/tool", "name": "x"}, "argument": {"name": "x", "value": ""}}');
SELECT test.rpc('completion/complete', '{"argument": {"name": "x", "value": ""}}');
SELECT test.rpc('completion/complete', '{"ref": {"type": "ref/prompt"}, "argument": {"name": "x", "value": ""}}');
SELECT test.rpc('completion/complete', '{"ref": {"type": "ref/prompt", "name": "greet"}}');
SELECT test.rpc('completion/complete', '{"ref": {"type": "ref/prompt", "name": "greet"}, "argument": {"name": "how", "value": 5}}');
SELECT test.rpc('completion/complete', '{"ref": {"type": "ref/prompt", "name": "greet"}, "argument": {"name": "how", "value": ""}, "context": "x"}');
SELECT test.modern('completion/complete', '{"ref": {"type": "ref/prompt", "name": "greet"}, "argument": {"name": "how", "value": "k"}}');

-- The audit row: the prompt and its arguments, without secrets.
SELECT test.audit(number) FROM unnest('{1,2,3,5,6,7,8,11,12,13,14}'::bigint[]) number;
SELECT left(test.prompt('greet', '{"who": "Ann", "password": "hunter2"}', number => 10), 20);
SELECT a.prompt, a.request, a.error FROM mcp_audit_log a WHERE call_id = test.call_id(10)::uuid;
-- Every message has written one row, or is recorded as in-flight.
SELECT count(*) - count(DISTINCT call_id) AS twice, count(*) FILTER (WHERE method = 'prompts/get' AND prompt IS NULL) AS without_name,
       (SELECT count(*) FROM mcp_inflight_call) AS running FROM mcp_audit_log WHERE method LIKE 'prompts/%' OR method = 'completion/complete';

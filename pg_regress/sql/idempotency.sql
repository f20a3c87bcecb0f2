-- Idempotency keys: claims, stored answers, replays, and the callers that may get them.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
UPDATE mcp_tool SET parameters = jsonb_set(parameters::jsonb, '{properties,idempotency_key}', '{"type": "string"}')::text
WHERE name IN ('create', 'write', 'unlink', 'method_call', 'committer');
-- The row that Odoo inserts before it runs the method (odoo_mcp/executor.py), for the call with that number.
CREATE FUNCTION pg_temp.claim(number bigint) RETURNS bigint LANGUAGE sql AS $$
WITH claimed AS (
    INSERT INTO mcp_idempotency (user_id, tool, key, call_id, credential, digest, prepared, create_date, expires_at)
    SELECT c.user_id, c.tool, c.key, c.call_id, c.credential, c.digest, c.prepared, timezone('UTC', now()),
           timezone('UTC', now()) + make_interval(secs => c.seconds)
    FROM test.answer a, json_to_recordset((a.answer #> '{step,claims}')::json) AS c (user_id integer, tool varchar,
         key varchar, call_id uuid, credential varchar, digest varchar, prepared varchar, seconds integer)
    WHERE a.number = $1 RETURNING 1)
SELECT count(*) FROM claimed $$;
CREATE FUNCTION pg_temp.claims(number bigint) RETURNS text LANGUAGE sql AS
$$ SELECT answer #>> '{step,claims}' FROM test.answer a WHERE a.number = $1 $$;
CREATE FUNCTION pg_temp.status(number bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', status, error) FROM mcp_audit_log WHERE call_id = test.call_id($1)::uuid $$;
SELECT '{"model": "res.partner", "values": {"name": "Azure"}, "idempotency_key": "k-1"}' AS one \gset

-- The key is not an argument of the tool's method. Its row and the answer are written in one transaction.
SELECT test.tool('create', :'one', number => 1);
SELECT pg_temp.claims(1);
BEGIN;
SELECT pg_temp.claim(1);
SELECT test.outcome(1, '{"result": {"ids": [70], "names": ["Azure"]}}');
COMMIT;
SELECT user_id, tool, key, call_id, credential, answer, expires_at - create_date FROM mcp_idempotency;
SELECT pg_temp.status(1);
-- A repeat runs nothing. A field, _meta and the audit row mark it.
SELECT test.tool('create', :'one', number => 2);
SELECT answer #>> '{reply,body}' FROM test.answer WHERE number = 2;
SELECT test.audit(2);
SELECT test.modern('tools/call', jsonb_build_object('name', 'create', 'arguments', :'one'::jsonb));
-- Another order of arguments, and values as text.
SELECT test.tool('create', '{"idempotency_key": "k-1", "values": "{\"name\":\"Azure\"}", "model": "res.partner"}');
SELECT left(mcp_dispatch_tool(2, 'create', :'one')::text, 160);
-- Other arguments, another user, another API key, another tool.
SELECT test.tool('create', '{"model": "res.partner", "values": {"name": "Other"}, "idempotency_key": "k-1"}', number => 3);
SELECT pg_temp.status(3);
SELECT test.tool('create', :'one', 8);
SELECT test.tool('create', :'one', 10, 4);
SELECT pg_temp.claims(4);
SELECT test.tool('unlink', '{"model": "res.partner", "ids": [70], "idempotency_key": "k-1"}', number => 5);
SELECT pg_temp.claims(5);
-- A key is a short text without spaces.
SELECT test.tool('create', jsonb_build_object('model', 'res.partner', 'values', '{"name": "A"}', 'idempotency_key', key)::text)
FROM unnest(ARRAY['', 'a b', 'é', repeat('x', 129)]) key;
SELECT test.tool('create', '{"model": "res.partner", "values": {"name": "A"}, "idempotency_key": 5}');
SELECT test.tool('search', '{"model": "res.partner", "idempotency_key": "k-1"}');
-- Invalid arguments are reported first. A call that the caller may no longer make is refused.
BEGIN;
INSERT INTO mcp_access (model_id, model, perm_create) VALUES (1, 'res.partner', false);
SELECT test.tool('create', :'one');
ROLLBACK;

-- When the policy now changes the call, or Odoo no longer allows reading the model, only the ids are returned.
BEGIN;
INSERT INTO mcp_field_dependency (model, field, on_model, on_field) VALUES ('', 'digest', '', '');
INSERT INTO mcp_access (model_id, model, domain, domain_json) VALUES (1, 'res.partner', '[]x', '[["id", ">", 5]]');
SELECT test.tool('create', :'one');
ROLLBACK;
BEGIN;
UPDATE ir_model_access SET perm_read = false WHERE model_id = 1;
SELECT test.tool('create', :'one');
ROLLBACK;

-- A concurrent duplicate that came second: Odoo reports the claimed key, and the duplicate gets the first answer, or an
-- error if the key was used for another call.
SELECT test.tool('create', '{"model": "res.partner", "values": {"name": "Twin"}, "idempotency_key": "k-2"}', number => 10 + n) IS NOT NULL FROM generate_series(0, 1) n;
SELECT test.tool('create', '{"model": "res.partner", "values": {"name": "Not a twin"}, "idempotency_key": "k-2"}', number => 12) IS NOT NULL;
SELECT pg_temp.claim(10);
SELECT test.outcome(10, '{"result": {"ids": [71], "names": ["Twin"]}}');
SELECT pg_temp.claim(11);
SELECT test.outcome(11, '{"error": {"type": "claimed", "message": ""}}');
SELECT test.outcome(12, '{"error": {"type": "claimed", "message": ""}}');
SELECT pg_temp.status(n) FROM generate_series(10, 12) n;
-- A duplicate that has waited for the time limit of a call.
SELECT test.tool('create', '{"model": "res.partner", "values": {"name": "A"}, "idempotency_key": "k-3"}', number => 13) IS NOT NULL;
SELECT test.outcome(13, '{"error": {"type": "busy", "message": ""}}');
SELECT pg_temp.status(13);
-- A failed call stores nothing.
SELECT key FROM mcp_idempotency ORDER BY key;
SELECT count(*) FROM mcp_inflight_call;

-- A method that rolls back on its own loses its claim. The claim is inserted again, unless another call has it by then.
SELECT test.tool('committer', '{"idempotency_key": "k-4"}', number => 14 + n) IS NOT NULL FROM generate_series(0, 1) n;
SELECT test.outcome(14, '{"result": "done"}');
SELECT key, answer FROM mcp_idempotency WHERE tool = 'committer';
SELECT test.outcome(15, '{"result": "done"}');
SELECT test.tool('committer', '{"idempotency_key": "k-4"}', number => 16);
-- A method that committed on its own and then ended: its row has no answer.
SELECT test.tool('committer', '{"idempotency_key": "k-5"}', number => 17) IS NOT NULL;
SELECT pg_temp.claim(17);
SELECT test.tool('committer', '{"idempotency_key": "k-5"}', number => 18);
SELECT pg_temp.status(18);

-- Long answers and secrets are not stored.
SELECT test.tool('method_call', format('{"model": "res.partner", "method": "m%s", "ids": [7], "idempotency_key": "m-%s"}', n, n), number => 20 + n) IS NOT NULL FROM generate_series(0, 2) n;
SELECT pg_temp.claim(20 + n) FROM generate_series(0, 2) n;
SELECT left(test.outcome(20, jsonb_build_object('result', jsonb_build_object('result', repeat('x', 9000)))), 80);
SELECT test.outcome(21, '{"result": {"result": {"new_password": "hunter2"}}}');
SELECT test.outcome(22, '{"result": {"result": [1, "a"]}}');
SELECT key, answer FROM mcp_idempotency WHERE tool = 'method_call' ORDER BY key;
SELECT test.tool('method_call', format('{"model": "res.partner", "method": "m%s", "ids": [7], "idempotency_key": "m-%s"}', n, n)) FROM generate_series(0, 2) n;

-- Answers are stored for a day, and deleted in batches.
UPDATE mcp_idempotency SET expires_at = timezone('UTC', now()) - interval '1 second' WHERE key = 'k-1';
SELECT mcp_maintain() ->> 'keys_deleted';
SELECT count(*) FROM mcp_idempotency WHERE key = 'k-1';
SELECT test.tool('create', :'one') = test.tool('create', :'one');
INSERT INTO mcp_idempotency (user_id, tool, key, call_id, credential, digest, prepared, create_date, expires_at)
SELECT 1, 'x', n::text, gen_random_uuid(), 'none', '', '', '2026-01-01', '2026-01-02' FROM generate_series(1, 5001) n;
SELECT done ->> 'keys_deleted', done ->> 'more' FROM mcp_maintain() done;
SELECT done ->> 'keys_deleted', done ->> 'more' FROM mcp_maintain() done;

UPDATE mcp_tool SET parameters = (parameters::jsonb #- '{properties,idempotency_key}')::text
WHERE name IN ('create', 'write', 'unlink', 'method_call', 'committer');
SELECT test.clear();

-- tools/list in pages of a hundred: in order, each tool once, with cursors bound to this list and this user.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;

-- The result for a page of a user's list in a version.
CREATE FUNCTION pg_temp.page(cursor text, key integer DEFAULT 1, version text DEFAULT '2025-11-25') RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    mine bigint := nextval('test.number');
    params jsonb := jsonb_strip_nulls(jsonb_build_object('cursor', cursor));
    shown text;
    body jsonb;
BEGIN
    IF version = '2026-07-28' THEN
        shown := test.modern('tools/list', params, '{}', '{}', key, mine);
    ELSE
        shown := test.post(jsonb_build_object('jsonrpc', '2.0', 'id', 1, 'method', 'tools/list', 'params', params)::text,
            jsonb_build_object('mcp-protocol-version', version), key, mine);
    END IF;
    SELECT (a.answer -> 'reply' ->> 'body')::jsonb INTO body FROM test.answer a WHERE a.number = mine;
    RETURN coalesce(body -> 'result', body -> 'error');
END $$;
CREATE FUNCTION pg_temp.names(page jsonb) RETURNS text[] LANGUAGE sql AS
$$ SELECT array_agg(tool ->> 'name' ORDER BY place) FROM jsonb_array_elements(page -> 'tools') WITH ORDINALITY t (tool, place) $$;
-- All pages: the names in order, and the number of pages.
CREATE FUNCTION pg_temp.whole(key integer DEFAULT 1, OUT names text[], OUT pages integer) LANGUAGE plpgsql AS $$
DECLARE
    page jsonb := pg_temp.page(NULL, key);
BEGIN
    names := pg_temp.names(page);
    pages := 1;
    WHILE page ? 'nextCursor' LOOP
        page := pg_temp.page(page ->> 'nextCursor', key);
        names := names || pg_temp.names(page);
        pages := pages + 1;
    END LOOP;
END $$;

-- A single page has no cursor. A null cursor means none.
SELECT p ? 'nextCursor', jsonb_array_length(p -> 'tools') FROM pg_temp.page(NULL) p;
SELECT test.post('{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"cursor": null}}', '{}', 1) LIKE '200 {%"tools":%';
SELECT c, test.brief(answer) FROM unnest(ARRAY['""', '"100"', '5', '{}', '[]', 'true', '"WzEwLCJhIiwxXQ.AAAA"']) c,
    LATERAL (SELECT mcp_handle(test.pass(1), test.request(jsonb_build_object('body',
        format('{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"cursor": %s}}', c)))) AS answer) a;

-- 250 more tools: some with the same sequence, some without one. The names have a different order.
BEGIN;
INSERT INTO mcp_tool (id, sequence, name, category, method, description, parameters, active)
SELECT 1000 + n, CASE WHEN n % 5 = 0 THEN NULL ELSE n / 7 END, 'tool_' || (n * 37 % 251), 'custom', '_tool_other', 'Tool.',
       '{"type": "object", "properties": {}}', n % 50 <> 0
FROM generate_series(1, 250) n;
SELECT pages, cardinality(names), (SELECT count(DISTINCT name) FROM unnest(names) name),
       names = (SELECT array_agg(name::text ORDER BY sequence, name COLLATE "C") FROM mcp_tool WHERE active AND name <> 'sellers_only')
FROM pg_temp.whole();
-- Other users see fewer tools, in the same order.
SELECT pages, cardinality(names), 'administrators_only' = ANY (names) FROM pg_temp.whole(2);
-- The audit row counts the tools in the answer.
SELECT test.modern('tools/list', number => 50) LIKE '200 %"nextCursor":"%';
SELECT row_count FROM mcp_audit_log WHERE call_id = test.call_id(50)::uuid;
-- The newest version: every page states how long it may be cached, and that it is private to the user.
SELECT n, p - '{tools,nextCursor,_meta}'::text[], p ? 'nextCursor'
FROM pg_temp.page(NULL, 1, '2026-07-28') first, LATERAL (VALUES (1, first), (2, pg_temp.page(first ->> 'nextCursor', 1, '2026-07-28'))) AS pages (n, p);

-- Adding, deleting or moving a tool between two pages affects no other tool.
CREATE TEMPORARY TABLE first AS SELECT p ->> 'nextCursor' AS cursor, pg_temp.names(p) AS names FROM pg_temp.page(NULL) p;
CREATE TEMPORARY TABLE second AS SELECT pg_temp.names(pg_temp.page(cursor)) AS names FROM first;
INSERT INTO mcp_tool (id, sequence, name, category, method, description, parameters, active)
VALUES (2000, -1, 'before_all', 'custom', '_tool_other', 'x', '{}', true);
SELECT pg_temp.names(pg_temp.page(cursor)) = (SELECT names FROM second) FROM first;
DELETE FROM mcp_tool WHERE name IN (SELECT names[100] FROM first) OR name IN (SELECT names[1] FROM first);
SELECT pg_temp.names(pg_temp.page(cursor)) = (SELECT names FROM second) FROM first;
UPDATE mcp_tool SET sequence = 100000 WHERE name IN (SELECT names[1] FROM second);
SELECT (pg_temp.names(pg_temp.page(cursor)))[1:99] = (SELECT names[2:100] FROM second) FROM first;

-- A cursor is bound to its user, this list and this secret. Any altered cursor is invalid.
SELECT pg_temp.page(cursor, 2) FROM first;
SELECT pg_temp.page(left(cursor, -1)), pg_temp.page('A' || substr(cursor, 2)) FROM first;
-- The user's other key belongs to the same user.
SELECT pg_temp.page(cursor, 8) ? 'tools' FROM first;
UPDATE mcp_secret SET secret = '\x00' WHERE name = 'token';
SELECT pg_temp.page(cursor) FROM first;
ROLLBACK;

-- An invalid record that bypassed Odoo's check is omitted, and the rest of the list stays. It may contain the
-- statement's own separators.
BEGIN;
CREATE TEMPORARY TABLE before AS SELECT pg_temp.names(pg_temp.page(NULL)) AS names;
UPDATE mcp_tool SET parameters = '{"type": "object"' WHERE name = 'search';
UPDATE mcp_tool SET output_schema = 'nonsense' WHERE name = 'count';
UPDATE mcp_tool SET parameters = '{}},{"name":"smuggled","inputSchema":{}' WHERE name = 'read';
UPDATE mcp_tool SET parameters = E'{}\x1e{"name":"smuggled"\x1f{}\x1f\x1f' WHERE name = 'write';
UPDATE mcp_tool SET description = E'a\x1eb\x1fc', title = E'\x1e\x1f"' WHERE name = 'unlink';
SELECT array_remove(array_remove(array_remove(array_remove(names, 'search'), 'count'), 'read'), 'write') = pg_temp.names(pg_temp.page(NULL))
FROM before;
SELECT tool - 'inputSchema' FROM jsonb_array_elements(pg_temp.page(NULL) -> 'tools') tool WHERE tool ->> 'name' = 'unlink';
SELECT test.tool('search', '{"model": "res.partner"}');
ROLLBACK;
SELECT test.clear();

-- mcp_dispatch_tool(): one tool call of a user without HTTP.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
-- The step or the text of the result.
CREATE FUNCTION pg_temp.dispatch(uid integer, tool text, arguments jsonb DEFAULT '{}', context jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := public.mcp_dispatch_tool(uid, tool, arguments, context);
BEGIN
    IF answer ? 'step' THEN
        RETURN concat_ws(' ', 'step', (answer -> 'step') - '{call_id,kind,model,record_id,timeout_ms,commits}'::text[]);
    END IF;
    RETURN concat_ws(' ', CASE WHEN (answer #>> '{result,isError}')::boolean THEN 'error' ELSE 'ok' END, answer #>> '{result,content,0,text}');
END $$;

SELECT mcp_dispatch_tool(6, 'list_models', '{"search": "partner"}');
SELECT pg_temp.dispatch(2, 'count', '{"model": "res.partner", "domain": "[[\"create_date\", \">\", \"2026-06-01 10:00:00\"]]"}');
SELECT pg_temp.dispatch(6, 'sellers_only');
SELECT pg_temp.dispatch(9, 'sellers_only', '{"amount": 1}');
SELECT pg_temp.dispatch(6, 'cuont');
SELECT pg_temp.dispatch(6, 'count', '{"model": "res.partner", "zzz": 1}');
SELECT pg_temp.dispatch(6, 'count', '[]');
SELECT pg_temp.dispatch(6, 'count', '"x"');
-- Users who do not exist or are inactive.
SELECT pg_temp.dispatch(4711, 'list_models');
SELECT pg_temp.dispatch(8, 'list_models');
SELECT pg_temp.dispatch(-1, 'list_models');
SELECT mcp_dispatch_tool(NULL, 'list_models', '{}') IS NULL;

-- The context: language, time zone and companies, each validated. Nothing else is accepted.
SELECT pg_temp.dispatch(2, 'count', '{"model": "res.partner", "domain": [["create_date", ">", "2026-06-01 10:00:00"]]}', '{"lang": "en_US", "tz": "Asia/Tokyo", "allowed_company_ids": [1]}');
SELECT pg_temp.dispatch(2, 'list_models', '{"search": "partner"}', '{"lang": "en_US"}');
SELECT pg_temp.dispatch(2, 'count', '{"model": "res.partner"}', '{"allowed_company_ids": [1, 2]}');
SELECT c, pg_temp.dispatch(2, 'count', '{"model": "res.partner"}', c::jsonb) FROM unnest(ARRAY['{"tz": "Mars/Olympus"}', '{"tz": 5}', '{"allowed_company_ids": [3]}',
    '{"allowed_company_ids": [1, 4711]}', '{"allowed_company_ids": []}', '{"allowed_company_ids": 1}', '{"active_test": false}', '{"uid": 1}', '[]', '"x"', '{"lang": null}']) c;
-- A language that is inactive or unknown; a company that is not a number.
SELECT c, left(pg_temp.dispatch(2, 'count', '{"model": "res.partner"}', c::jsonb), 5) FROM unnest(ARRAY['{"lang": "de_DE"}', '{"lang": "xx_XX"}',
    '{"allowed_company_ids": [1, "2"]}', '{"allowed_company_ids": [1, 2.5]}']) c;

-- The step continues like any other. The result is not wrapped in a protocol message.
SELECT test.keep(1, mcp_dispatch_tool(2, 'count', '{"model": "res.partner"}')) ~ '^step';
SELECT mcp_resume(answer -> 'state', '{"result": {"count": 4}}') FROM test.answer WHERE number = 1;
SELECT test.keep(2, mcp_dispatch_tool(2, 'count', '{"model": "res.partner"}')) ~ '^step';
SELECT mcp_resume(answer -> 'state', '{"error": {"type": "pool_full", "message": ""}}') FROM test.answer WHERE number = 2;
-- Each call has written its row.
SELECT door, http_method, method, tool, user_id, login, status, path, count(*) FROM mcp_audit_log GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 4, 5, 7, 8;

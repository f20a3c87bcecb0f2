-- Limits: addresses, rate and concurrency limits, and lockouts after wrong credentials. This file switches them on;
-- they are off in the others.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SELECT test.clear();
CREATE FUNCTION test.set(name text, value text) RETURNS void LANGUAGE sql AS $$
INSERT INTO public.ir_config_parameter (key, value) VALUES ('odoo_mcp.' || name, value)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
$$;
CREATE FUNCTION test.buckets() RETURNS SETOF text LANGUAGE sql AS
$$ SELECT concat_ws(' ', holder, round(tokens::numeric, 1), 'of', burst) FROM public.mcp_rate_bucket ORDER BY holder $$;
CREATE FUNCTION test.lockouts() RETURNS SETOF text LANGUAGE sql AS $$
SELECT concat_ws(' ', kind, quote_literal(subject), address, failures, 'times', times,
    CASE WHEN locked_until > timezone('UTC', now()) THEN 'locked for ' || round(extract(epoch FROM locked_until - last_attempt) / 60) END)
FROM public.mcp_lockout ORDER BY address, kind, subject
$$;

-- Networks: errors in them, and whether an address is allowed.
SELECT networks, strategy, address, mcp_validate('networks', jsonb_build_object('networks', networks, 'strategy', strategy, 'address', address)) FROM (VALUES
    (E'10.0.0.0/8\n2001:db8::/32', 'allow', '10.1.2.3'), ('10.0.0.0/8', 'deny', '::ffff:10.1.2.3'), ('10.0.0.0/8', 'allow', 'nowhere'),
    ('10.0.0.0/8', 'allow', ''), (E'# nothing\n', 'allow', '10.1.2.3'), ('', 'deny', '10.1.2.3'), (E'10.0.0.0/8\r\n10.0.0.0/33', 'deny', '10.1.2.3'),
    ('10.1.2.3/8', 'deny', ''), ('10.0.0.1; DROP TABLE res_users', 'deny', ''), ('10.0.0.0/8', 'alow', '10.1.2.3')) v (networks, strategy, address);
-- The settings apply before any other check, also to a browser's preflight request.
SELECT test.set('ip_strategy', 'deny'), test.set('ip_networks', '192.0.2.0/24');
SELECT left(test.gate(), 3), left(test.gate('{"remote_addr": "::ffff:192.0.2.9", "credential": {"scheme": "malformed", "reason": "several"}}'), 3),
       left(test.gate('{"remote_addr": "198.51.100.1"}'), 3), left(test.gate('{"remote_addr": "not known"}'), 3), left(test.gate('{"http_method": "OPTIONS"}'), 3);
SELECT test.set('ip_networks', E'198.51.100.0/24\nnowhere');
SELECT test.gate();
SELECT mcp_status() -> 'ready', mcp_status() -> 'problems';
DELETE FROM ir_config_parameter WHERE key LIKE 'odoo_mcp.ip%';

-- The table of buckets is unlogged, that of lockouts is logged. Both have a fillfactor for heap-only updates.
SELECT relname, relpersistence, reloptions FROM pg_class WHERE oid IN ('mcp_rate_bucket'::regclass, 'mcp_lockout'::regclass) ORDER BY 1;
-- Each message takes one token. A list takes it in its only statement. A call that must be durable takes it in the
-- first of two.
SELECT jsonb_build_object('credential', test.key(1) || jsonb_build_object('claim', jsonb_build_object('kind', 'key', 'id', 1, 'digest',
    (SELECT encode(sha256(convert_to(key, 'UTF8')), 'hex') FROM res_users_apikeys WHERE id = 1)))) AS proven \gset
CREATE FUNCTION test.ask(number bigint, body text, pass text DEFAULT NULL, members jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    lines text := public.mcp_exchange(test.request(members, number => number)::text, body, pass);
BEGIN
    INSERT INTO test.answer VALUES (number, to_jsonb(lines)) ON CONFLICT (number) DO UPDATE SET answer = excluded.answer;
    RETURN CASE WHEN lines LIKE '{"pass"%' THEN 'pass' WHEN lines LIKE '{"step"%' THEN 'step' ELSE regexp_replace(regexp_replace(lines, E'\n', ' '), '(after |Retry-After":")\d+', '\1<n>', 'g') END;
END $$;
CREATE FUNCTION test.pass_of(number bigint) RETURNS text LANGUAGE sql AS
$$ SELECT split_part(answer #>> '{}', E'\n', 2) FROM test.answer a WHERE a.number = $1 $$;
SELECT test.set('rate_per_minute', '1'), test.set('rate_burst', '3');
SELECT '{"jsonrpc":"2.0","id":7,"method":"ping"}' AS ping, '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"list_models","arguments":{"search":"partner"}}}' AS core,
       '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"write","arguments":{"model":"res.partner","ids":[7],"values":{"name":"A"}}}}' AS change \gset
SELECT test.ask(1, :'ping', members => :'proven');
SELECT test.buckets();
-- The same call, repeated after a broken connection, costs nothing more.
SELECT test.ask(1, :'ping', members => :'proven');
SELECT test.buckets();
SELECT test.ask(2, :'core', members => :'proven');
SELECT test.buckets();
SELECT left(test.ask(2, :'core', test.pass_of(2), :'proven'), 22);
SELECT test.buckets();
SELECT test.ask(3, :'change', members => :'proven');
SELECT test.ask(3, :'change', test.pass_of(3), :'proven');
SELECT test.buckets();
SELECT holder, entry ->> 'tool' FROM mcp_inflight_call;
-- No token is left: the message is refused with its id, and an unreadable one without.
SELECT test.ask(4, :'ping', members => :'proven');
SELECT test.ask(5, '{', members => :'proven');
SELECT test.ask(6, :'core', members => :'proven');
SELECT sum(count), status, http_status, login, api_key_name, regexp_replace(min(error), 'after \d+', 'after <n>') FROM mcp_audit_log WHERE http_status = 429 GROUP BY 2, 3, 4, 5;
SELECT test.buckets();
-- Time fills the buckets evenly, up to their burst. A higher rate takes effect at once.
UPDATE mcp_rate_bucket SET filled = filled - interval '59 seconds';
SELECT left(test.ask(7, :'ping', members => :'proven'), 22);
UPDATE mcp_rate_bucket SET filled = filled - interval '1 second';
SELECT left(test.ask(8, :'ping', members => :'proven'), 22);
UPDATE mcp_rate_bucket SET filled = filled - interval '1 hour';
SELECT left(test.ask(n, :'ping', members => :'proven'), 22) FROM generate_series(10, 13) n;
SELECT test.set('rate_per_minute', '100000'), pg_sleep(0.01);
SELECT left(test.ask(14, :'ping', members => :'proven'), 22);
SELECT test.set('rate_per_minute', '1');
-- When the key's bucket is empty, the user's bucket loses nothing, and vice versa.
UPDATE mcp_rate_bucket SET tokens = CASE holder WHEN 'key 1' THEN 0 ELSE 2 END, filled = clock_timestamp();
SELECT left(test.ask(15, :'ping', members => :'proven'), 22);
SELECT test.buckets();
-- The same holds when another call takes the last token after the gate: the authentication context is older.
UPDATE mcp_rate_bucket SET tokens = 2;
SELECT test.ask(16, NULL, members => :'proven');
UPDATE mcp_rate_bucket SET tokens = 0, filled = clock_timestamp() WHERE holder = 'key 1';
SELECT left(test.ask(16, :'ping', test.pass_of(16), :'proven'), 22);
SELECT test.buckets();
-- Without a limit there is no bucket.
TRUNCATE mcp_rate_bucket;
SELECT test.set('rate_per_minute', '0');
SELECT left(test.ask(17, :'ping', members => :'proven'), 22);
SELECT test.buckets();
-- A key's own limits apply even when no general limit exists.
INSERT INTO mcp_key_scope (id, name, api_key_id, user_id, all_models, rate_per_minute, burst, max_concurrent, networks)
VALUES (901, 'few', 1, 2, true, 1, 1, 0, '192.0.2.0/24');
SELECT left(test.ask(n, :'ping', members => :'proven'), 22) FROM generate_series(20, 21) n;
SELECT test.buckets();
SELECT test.ask(22, :'ping', members => :'proven' || '{"remote_addr": "198.51.100.1"}'::jsonb);
UPDATE mcp_key_scope SET expires = timezone('UTC', now()) - interval '1 second' WHERE id = 901;
SELECT left(test.ask(23, :'ping', members => :'proven'), 22);
UPDATE mcp_key_scope SET expires = NULL, active = false WHERE id = 901;
SELECT left(test.ask(24, :'ping', members => :'proven'), 22);
DELETE FROM mcp_key_scope WHERE id = 901;

-- Concurrency limit: the in-flight calls of the same key, including those of dead processes.
SELECT test.clear();
SELECT test.set('max_concurrent', '2');
SELECT test.ask(n, :'change', members => :'proven') || ' ' || left(test.ask(n, :'change', test.pass_of(n), :'proven'), 22) FROM generate_series(30, 32) n;
SELECT call_id, holder FROM mcp_inflight_call ORDER BY 1;
-- A retry after a broken connection keeps its place.
SELECT test.ask(35, :'change', members => :'proven');
SELECT test.ask(31, :'change', test.pass_of(35), :'proven');
-- An old call that no process runs does not count.
UPDATE mcp_inflight_call SET started = started - interval '91 seconds' WHERE call_id = test.call_id(30)::uuid;
SELECT left(test.ask(33, :'change', test.pass_of(35), :'proven'), 22);
SELECT left(test.ask(34, :'change', test.pass_of(35), :'proven'), 22);
SELECT test.set('max_concurrent', '0');

-- Wrong credentials.
SELECT test.clear();
SELECT test.set('lockout_failures', '2'), test.set('lockout_minutes', '1');
-- A cached key only reads and writes nothing.
BEGIN;
SELECT mcp_gate(test.request(:'proven', number => 40)) ? 'pass', txid_current_if_assigned() IS NULL;
ROLLBACK;
-- The attempt is counted before verification, and given back after a success.
SELECT left(test.gate(jsonb_build_object('credential', test.key(2)), number => 41), 4);
SELECT test.lockouts();
SELECT left(test.resume(41, '{"key_id": 2}'), 4);
SELECT test.lockouts();
SELECT left(test.gate(jsonb_build_object('credential', test.key(2)), number => n), 4) FROM generate_series(42, 43) n;
-- Two attempts are being verified, so no other is checked now.
SELECT test.gate(jsonb_build_object('credential', test.key(2)), number => 44);
SELECT left(test.resume(42, '{"key_id": null}'), 4);
SELECT test.lockouts();
SELECT left(test.gate(:'proven', number => 45), 4);
SELECT left(test.gate(jsonb_build_object('credential', test.key(2)), number => 46), 4);
-- An attempt that began before the lockout may still succeed.
SELECT left(test.resume(43, '{"key_id": 2}'), 4);
SELECT test.lockouts();
-- Basic counts by login, ignoring case. Keys count by their prefix. Malformed secrets count together.
SELECT left(test.gate(jsonb_build_object('credential', credential), number => 50 + n), 4) FROM (VALUES
    (1, '{"scheme": "basic", "login": "Admin", "index": "deadbeef"}'::jsonb), (2, '{"scheme": "basic", "login": " ADMIN", "index": "deadbeef"}'),
    (3, '{"scheme": "basic", "login": "admin", "index": null}'), (4, '{"scheme": "bearer", "index": "DEADBEEF"}'), (5, '{"scheme": "bearer", "index": null}'),
    (6, NULL), (7, '{"scheme": "malformed", "reason": "unparsable"}')) v (n, credential) ORDER BY n;
SELECT test.lockouts();
-- Another address counts separately. For IPv6, a site counts as one address.
SELECT left(test.gate(jsonb_build_object('remote_addr', address, 'credential', test.key(2)), number => 60 + n), 4)
FROM (VALUES (1, '::ffff:192.0.2.7'), (2, '2001:db8::1'), (3, '2001:db8::2'), (4, '2001:db8:0:0:ffff::3'), (5, '2001:db8:0:1::')) v (n, address) ORDER BY n;
-- Each lockout lasts twice as long as the one before, up to a day.
SELECT test.clear();
DO $$
BEGIN
    FOR round IN 1..12 LOOP
        PERFORM test.gate('{"credential": {"scheme": "bearer", "index": "deadbeef"}}'), test.gate('{"credential": {"scheme": "bearer", "index": "deadbeef"}}');
        RAISE NOTICE '%', (SELECT round(extract(epoch FROM locked_until - last_attempt) / 60) FROM public.mcp_lockout WHERE kind = 'key');
        UPDATE public.mcp_lockout SET locked_until = timezone('UTC', now()) WHERE locked_until IS NOT NULL;
        UPDATE public.mcp_lockout SET failures = 0 WHERE kind = 'address';
    END LOOP;
END $$;
-- Ten times as many failures from one address lock out the address.
SELECT test.clear();
SELECT left(answer, 3), count(*) FROM (SELECT test.gate(jsonb_build_object('credential', jsonb_build_object('scheme', 'bearer', 'index', to_char(n, 'FM00000000')))) AS answer
    FROM generate_series(1, 25) n) a GROUP BY 1 ORDER BY 1;
SELECT test.lockouts() ORDER BY 1 LIMIT 2;
SELECT left(test.gate(jsonb_build_object('credential', test.key(2))), 4), left(test.gate(:'proven'), 4), left(test.gate(), 4);

-- Maintenance deletes full buckets, and lockouts without an attempt for a day.
SELECT test.clear();
INSERT INTO mcp_rate_bucket (holder, tokens, per_minute, burst, filled, call_id) VALUES
    ('user 1', 0, 1, 60, clock_timestamp() - interval '59 minutes', gen_random_uuid()), ('user 2', 0, 1, 60, clock_timestamp() - interval '61 minutes', gen_random_uuid()),
    ('user 3', 0, 1, 200, clock_timestamp() - interval '3 hours', gen_random_uuid()), ('user 4', 3, 1, 60, clock_timestamp() + interval '2 hours', gen_random_uuid());
INSERT INTO mcp_lockout (kind, subject, address, failures, window_start, last_attempt, locked_until)
SELECT 'login', hours::text, '192.0.2.7', 1, utc, utc - make_interval(hours => hours), CASE hours WHEN 26 THEN utc - interval '23 hours' END
FROM (SELECT timezone('UTC', clock_timestamp()) AS utc) n, unnest('{1, 23, 25, 26}'::int[]) hours;
SELECT count(mcp_maintain());
SELECT test.buckets();
SELECT subject FROM mcp_lockout ORDER BY 1;
SELECT test.clear();
SELECT test.set('rate_per_minute', '0'), test.set('lockout_failures', '0'), test.set('max_concurrent', '0');
DELETE FROM ir_config_parameter WHERE key IN ('odoo_mcp.rate_burst', 'odoo_mcp.lockout_minutes');
DROP FUNCTION test.ask, test.pass_of, test.set, test.buckets, test.lockouts;

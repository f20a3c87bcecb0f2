-- Maintenance: deletes ended sessions, expired idempotency keys and expired input requests, and removes the in-flight
-- calls of dead processes (`dead` returns them). Also deletes full rate buckets and old lockouts, and merges catalogue
-- changes.
-- $1 seconds after which a call without a lock is dead, $2 maximum number of idempotency keys to delete
WITH now AS (
    SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) AS utc
),
old_calls AS MATERIALIZED (
    SELECT c.call_id FROM public.mcp_inflight_call c, now
    WHERE c.started < now.utc - pg_catalog.make_interval(secs => $1::int)
),
-- A running call holds its lock until it commits or rolls back.
dead AS MATERIALIZED (
    SELECT call_id FROM old_calls
    WHERE pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended(call_id::text, 0))
),
settled AS (
    DELETE FROM public.mcp_inflight_call c USING dead WHERE c.call_id = dead.call_id
    RETURNING c.call_id, c.started, c.entry
),
sessions AS (
    DELETE FROM public.mcp_session s USING now
    WHERE coalesce(s.closed_at, s.expires_at) < now.utc - interval '1 day'
    RETURNING 1
),
questions AS (
    DELETE FROM public.mcp_input_request q USING now WHERE q.expires_at < now.utc - interval '1 hour'
    RETURNING 1
),
keys AS (
    DELETE FROM public.mcp_idempotency o WHERE (o.user_id, o.tool, o.key) IN (
        SELECT e.user_id, e.tool, e.key FROM public.mcp_idempotency e, now WHERE e.expires_at < now.utc
        ORDER BY e.expires_at LIMIT $2::int FOR UPDATE OF e SKIP LOCKED)
    RETURNING 1
),
-- Replaces many changes of the catalogue by a new one, so that the version never repeats.
changes AS (
    DELETE FROM public.mcp_catalogue WHERE (SELECT pg_catalog.count(*) FROM public.mcp_catalogue) > 8
    RETURNING 1
),
change AS (
    INSERT INTO public.mcp_catalogue (id)
    SELECT pg_catalog.nextval('public.mcp_catalogue_id_seq') WHERE EXISTS (SELECT FROM changes)
    RETURNING 1
),
-- A full bucket carries no information. One filled in the future dates from a clock that was set back.
buckets AS (
    DELETE FROM public.mcp_rate_bucket b WHERE b.holder IN (
        SELECT o.holder FROM public.mcp_rate_bucket o, (SELECT pg_catalog.clock_timestamp() AS now) n
        WHERE o.filled < n.now - interval '1 hour'
              AND o.tokens + o.per_minute / 60 * pg_catalog.date_part('epoch', n.now - o.filled) >= o.burst
           OR o.filled > n.now + interval '1 minute'
        FOR UPDATE OF o SKIP LOCKED)
    RETURNING 1
),
-- The number of lockouts is reset after a day.
lockouts AS (
    DELETE FROM public.mcp_lockout l WHERE l.id IN (
        SELECT o.id FROM public.mcp_lockout o, now
        WHERE greatest(o.last_attempt, o.locked_until) < now.utc - interval '1 day'
        FOR UPDATE OF o SKIP LOCKED)
    RETURNING 1
)
SELECT pg_catalog.json_build_object(
    'dead', (SELECT coalesce(pg_catalog.json_agg(s.entry || pg_catalog.jsonb_build_object(
                 'call_id', s.call_id, 'create_date', s.started)), '[]') FROM settled s),
    'sessions_deleted', (SELECT count(*) FROM sessions),
    'buckets_deleted', (SELECT count(*) FROM buckets),
    'lockouts_deleted', (SELECT count(*) FROM lockouts),
    'questions_deleted', (SELECT count(*) FROM questions),
    'keys_deleted', (SELECT count(*) FROM keys))::text

-- Tables that the database core writes itself. Run at installation and at every update: each statement
-- may be repeated. The models on top of them are `_auto = False`, so that no foreign key is made: a row here
-- outlives what it names, and writing it locks nothing of Odoo's.

-- Sessions of the handshake versions of MCP. Nothing that changes is indexed, so that updates stay
-- heap-only; the fill factor leaves room for them.
CREATE TABLE IF NOT EXISTS public.mcp_session (
    id serial PRIMARY KEY,
    session_id varchar NOT NULL,
    user_id integer NOT NULL,
    api_key_id integer,                 -- null: signed in with the password
    protocol_version varchar NOT NULL,
    client_name varchar,
    client_version varchar,
    remote_addr varchar,
    user_agent varchar,
    create_date timestamp NOT NULL,
    last_seen timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    closed_at timestamp,
    CONSTRAINT mcp_session_session_id_key UNIQUE (session_id)
) WITH (fillfactor = 70);

-- The least severe log messages that the client wants; null: the server chooses.
ALTER TABLE public.mcp_session ADD COLUMN IF NOT EXISTS log_level varchar;

-- What the client has declared that it can be asked.
ALTER TABLE public.mcp_session ADD COLUMN IF NOT EXISTS capabilities jsonb;

-- Requests of 2025-11-25 that wait for answers of their clients: no stream is held for them.
CREATE TABLE IF NOT EXISTS public.mcp_question (
    stream uuid PRIMARY KEY,            -- its events begin with this
    session_id varchar NOT NULL,
    request_id jsonb NOT NULL,          -- JSON-RPC id
    request jsonb,                      -- method and parameters; null: taken up
    question jsonb NOT NULL,
    answers jsonb NOT NULL DEFAULT '{}',
    expires_at timestamp NOT NULL
);
CREATE INDEX IF NOT EXISTS mcp_question_session_idx ON public.mcp_question (session_id);

-- Calls that Odoo is running. Noted before the ORM starts, gone when the audit row is written; what stays
-- belonged to a process that died.
CREATE TABLE IF NOT EXISTS public.mcp_call (
    call_id uuid PRIMARY KEY,
    started timestamp NOT NULL,
    entry jsonb NOT NULL                -- the audit row as far as it was known before the call
);

-- The audit log: one row for each JSON-RPC message. Names and ids by value.
CREATE TABLE IF NOT EXISTS public.mcp_audit_log (
    id bigserial PRIMARY KEY,
    call_id uuid NOT NULL,
    create_date timestamp NOT NULL,     -- UTC, when the request came in
    user_id integer,
    login varchar,
    api_key_id integer,
    api_key_name varchar,
    session_id varchar,
    client_name varchar,
    client_version varchar,
    protocol_version varchar,
    http_method varchar,
    method varchar,                     -- JSON-RPC method
    tool varchar,
    resource_uri varchar,
    prompt varchar,
    model varchar,
    record_ids json,                    -- list of ids, capped; json keeps the text that the HMAC was made of
    request json,                       -- parameters, redacted and capped
    status varchar NOT NULL,            -- ok, error, denied, refused, failed, died, cancelled, input_required
    http_status integer,
    error_code integer,
    error varchar,
    row_count integer,
    response_bytes integer,
    remote_addr varchar,
    user_agent varchar,
    duration_ms numeric(14, 3),
    path varchar,                       -- core or orm: who answered
    door varchar,                       -- fast or ordinary: how it came in
    refusal varchar,                    -- address, reason and minute of refusals before authentication
    count integer NOT NULL DEFAULT 1,   -- how many such refusals this row stands for
    CONSTRAINT mcp_audit_log_call_id_key UNIQUE (call_id)
);
-- Each row pays for each index: only rows with something to find are in one, and time needs no tree, since rows come in
-- its order. The first two statements undo what an earlier version had.
ALTER TABLE public.mcp_audit_log DROP CONSTRAINT IF EXISTS mcp_audit_log_refusal_key;
DROP INDEX IF EXISTS public.mcp_audit_log_create_date_idx, public.mcp_audit_log_model_idx;
CREATE UNIQUE INDEX IF NOT EXISTS mcp_audit_log_refusal_uniq ON public.mcp_audit_log (refusal) WHERE refusal IS NOT NULL;
CREATE INDEX IF NOT EXISTS mcp_audit_log_create_date_brin ON public.mcp_audit_log
    USING brin (create_date) WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX IF NOT EXISTS mcp_audit_log_user_id_idx ON public.mcp_audit_log (user_id, id);
CREATE INDEX IF NOT EXISTS mcp_audit_log_model_id_idx ON public.mcp_audit_log (model, id) WHERE model IS NOT NULL;

-- HMAC of the row under the secret below: it shows a row that was altered or put in by hand.
ALTER TABLE public.mcp_audit_log ADD COLUMN IF NOT EXISTS mac bytea;

-- The address that a proxy named and Odoo did not believe (proxy mode off, or a header missing).
ALTER TABLE public.mcp_audit_log ADD COLUMN IF NOT EXISTS forwarded varchar;

-- Secrets of this database. No Odoo model: what a model has can be read through Odoo's own interfaces.
CREATE TABLE IF NOT EXISTS public.mcp_secret (
    name varchar PRIMARY KEY,
    secret bytea NOT NULL
);
INSERT INTO public.mcp_secret (name, secret)
SELECT wanted.name, pg_catalog.decode(
    pg_catalog.replace(pg_catalog.gen_random_uuid()::text || pg_catalog.gen_random_uuid()::text, '-', ''), 'hex')
FROM (VALUES ('audit'), ('token')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM public.mcp_secret s WHERE s.name = wanted.name);

-- Statistics of the calls, for whoever runs the database server: per day (UTC), method, tool, model, user, key and way of
-- answering. With a day in the condition only its rows are counted and sorted.
CREATE OR REPLACE VIEW public.mcp_stat_calls AS
SELECT pg_catalog.date_trunc('day', a.create_date) AS day,
       a.method, a.tool, a.model, a.user_id, a.api_key_id, a.api_key_name,
       a.path,                              -- core or orm: who answered
       pg_catalog.sum(a.count)::bigint AS calls,
       coalesce(pg_catalog.sum(a.count) FILTER (WHERE a.status IN ('error', 'failed', 'died')), 0)::bigint AS errors,
       coalesce(pg_catalog.sum(a.count) FILTER (WHERE a.status IN ('denied', 'refused')), 0)::bigint AS denied,
       coalesce(pg_catalog.sum(a.row_count), 0)::bigint AS rows,
       coalesce(pg_catalog.sum(a.response_bytes), 0)::bigint AS bytes,
       pg_catalog.sum(a.duration_ms)::double precision AS total_ms,
       pg_catalog.avg(a.duration_ms)::double precision AS mean_ms,
       pg_catalog.percentile_cont(0.95) WITHIN GROUP (ORDER BY a.duration_ms::double precision) AS p95_ms,
       pg_catalog.max(a.duration_ms)::double precision AS max_ms
FROM public.mcp_audit_log a
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
COMMENT ON VIEW public.mcp_stat_calls IS
'Statistics of MCP calls per day (UTC), method, tool, model, user, API key and way of answering (core: the database, orm: Odoo): calls, errors, denied, rows, bytes, time in milliseconds with its 95th percentile.';

-- What fields are made of, as the registry of the models has it: written whenever that changes (registry_facts.py). A row
-- says that one field tells of another: it is computed from it, related to it, or its other side. Three kinds of
-- on_field are no names: '*' (computed from nobody knows what), '@search' (searched by a method), '@groups:…' (for these
-- groups only). The row with an empty model has the digest of all others.
CREATE TABLE IF NOT EXISTS public.mcp_field_dependency (
    model varchar NOT NULL,
    field varchar NOT NULL,
    on_model varchar NOT NULL,
    on_field varchar NOT NULL,
    related boolean NOT NULL DEFAULT false,
    PRIMARY KEY (model, field, on_model, on_field)
);
CREATE INDEX IF NOT EXISTS mcp_field_dependency_on_idx ON public.mcp_field_dependency (on_model, on_field);

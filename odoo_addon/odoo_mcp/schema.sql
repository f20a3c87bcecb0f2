-- Tables that the extension writes. Odoo runs this file at installation and at every update, so each statement is
-- repeatable. The models of these tables are `_auto = False`, so Odoo creates no foreign keys: a row outlives the
-- records that it names, and writing it locks no row of Odoo's.

-- Renames the tables that had other names up to version 0.5.0, and their indexes and constraints.
DO $$
DECLARE
    former text;
    name text;
    index_name text;
BEGIN
    FOR former, name IN
        SELECT * FROM (VALUES ('mcp_bucket', 'mcp_rate_bucket'), ('mcp_call', 'mcp_inflight_call'),
                              ('mcp_once', 'mcp_idempotency'), ('mcp_question', 'mcp_input_request')) AS renamed
    LOOP
        CONTINUE WHEN pg_catalog.to_regclass('public.' || former) IS NULL;
        EXECUTE pg_catalog.format('ALTER TABLE public.%I RENAME TO %I', former, name);
        FOR index_name IN
            SELECT c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
            WHERE i.indrelid = pg_catalog.to_regclass('public.' || name)
        LOOP
            EXECUTE pg_catalog.format(
                'ALTER INDEX public.%I RENAME TO %I', index_name, pg_catalog.replace(index_name, former, name));
        END LOOP;
    END LOOP;
END
$$;

-- Sessions of the handshake versions of MCP. No index has a column that changes, so updates stay heap-only (HOT). The
-- fill factor leaves room for them.
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

-- The minimum severity of the log messages that the client wants; null: the server's default.
ALTER TABLE public.mcp_session ADD COLUMN IF NOT EXISTS log_level varchar;

-- The capabilities that the client has declared.
ALTER TABLE public.mcp_session ADD COLUMN IF NOT EXISTS capabilities jsonb;

-- Requests of 2025-11-25 that wait for input of their clients. The server keeps no stream open for them.
CREATE TABLE IF NOT EXISTS public.mcp_input_request (
    stream uuid PRIMARY KEY,            -- the ids of its events begin with this
    session_id varchar NOT NULL,
    request_id jsonb NOT NULL,          -- JSON-RPC id
    request jsonb,                      -- method and parameters; null: a connection has taken it
    question jsonb NOT NULL,
    answers jsonb NOT NULL DEFAULT '{}',
    expires_at timestamp NOT NULL
);
CREATE INDEX IF NOT EXISTS mcp_input_request_session_idx ON public.mcp_input_request (session_id);

-- Calls that Odoo is running. The extension inserts a row before the ORM starts and deletes it with the audit row. A
-- row that stays belongs to a process that died.
CREATE TABLE IF NOT EXISTS public.mcp_inflight_call (
    call_id uuid PRIMARY KEY,
    started timestamp NOT NULL,
    entry jsonb NOT NULL                -- the audit row as far as it was known before the call
);

-- The holder of the call where concurrent calls are limited: `user` or `key` and an id.
ALTER TABLE public.mcp_inflight_call ADD COLUMN IF NOT EXISTS holder varchar;
CREATE INDEX IF NOT EXISTS mcp_inflight_call_holder_idx ON public.mcp_inflight_call (holder) WHERE holder IS NOT NULL;

-- Idempotency keys of clients, and used confirmations. The transaction that makes the change inserts the row at its
-- beginning and adds the answer at its end: both commit with the change or not at all. A row is written twice, so the
-- fill factor leaves room; no index has a column that changes.
CREATE TABLE IF NOT EXISTS public.mcp_idempotency (
    user_id integer NOT NULL,
    tool varchar NOT NULL,              -- its name
    key varchar NOT NULL,               -- a client's key contains no space
    call_id uuid NOT NULL,
    credential varchar NOT NULL,        -- `key` and an id, or `password`: only this credential gets the answer again
    digest varchar NOT NULL,            -- SHA-256 of the arguments
    prepared varchar NOT NULL,          -- SHA-256 of the call prepared from them under the policy at that time
    answer json,                        -- capped, without secrets; null: the call saved something by itself and then ended
    create_date timestamp NOT NULL,     -- UTC
    expires_at timestamp NOT NULL,      -- maintenance deletes it after that
    CONSTRAINT mcp_idempotency_pkey PRIMARY KEY (user_id, tool, key)
) WITH (fillfactor = 70);
-- Rows of version 0.5.0 have another name for the password.
UPDATE public.mcp_idempotency SET credential = 'password' WHERE credential = 'none';
CREATE INDEX IF NOT EXISTS mcp_idempotency_expires_at_idx ON public.mcp_idempotency (expires_at);

-- Token buckets of the rate limit, of users and API keys. The table is unlogged, so that a message does not wait for
-- the disk; a crash fills every bucket. No index has a column that changes, and half of each page is left for updates,
-- so these stay heap-only (HOT).
CREATE UNLOGGED TABLE IF NOT EXISTS public.mcp_rate_bucket (
    holder varchar PRIMARY KEY,         -- `user` or `key` and an id
    tokens double precision NOT NULL,   -- at the time `filled`
    per_minute double precision NOT NULL,
    burst double precision NOT NULL,
    filled timestamptz NOT NULL,
    call_id uuid NOT NULL               -- the call that took the last token: its repeat takes none
) WITH (fillfactor = 50);

-- Wrong credentials of a login or key from an address, and of the address as a whole. The table is logged: a crash
-- loses only those of the last moments.
CREATE TABLE IF NOT EXISTS public.mcp_lockout (
    id serial PRIMARY KEY,
    kind varchar NOT NULL,              -- login, key or address
    subject varchar NOT NULL,           -- the login, or the first characters of the key; empty for the address
    address varchar NOT NULL,           -- for IPv6 the 64-bit network
    failures integer NOT NULL,          -- in the window, including attempts that are still being verified
    window_start timestamp NOT NULL,
    last_attempt timestamp NOT NULL,
    locked_until timestamp,
    times integer NOT NULL DEFAULT 0,   -- lockouts, which double each time
    CONSTRAINT mcp_lockout_address_kind_subject_key UNIQUE (address, kind, subject)
) WITH (fillfactor = 70);

-- The audit log: one row for each JSON-RPC message. It has names and ids of records, and no foreign keys.
CREATE TABLE IF NOT EXISTS public.mcp_audit_log (
    id bigserial PRIMARY KEY,
    call_id uuid NOT NULL,
    create_date timestamp NOT NULL,     -- UTC, arrival of the request
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
    record_ids json,                    -- list of ids, capped; json preserves the text that the HMAC covers
    request json,                       -- parameters, redacted and capped
    status varchar NOT NULL,            -- ok, error, denied, refused, failed, died, cancelled, input_required, asked, declined, repeated, dry_run
    http_status integer,
    error_code integer,
    error varchar,
    row_count integer,
    response_bytes integer,
    remote_addr varchar,
    user_agent varchar,
    duration_ms numeric(14, 3),
    path varchar,                       -- core or orm: the part that answered
    door varchar,                       -- fast, ordinary or sql: the entry point of the request
    refusal varchar,                    -- address, reason and minute of refusals before authentication
    count integer NOT NULL DEFAULT 1,   -- number of such refusals that this row counts
    CONSTRAINT mcp_audit_log_call_id_key UNIQUE (call_id)
);
-- Each index costs every insert, so the indexes are partial where they can be. Time has a BRIN index, since rows are
-- inserted in its order. The first two statements drop indexes of earlier versions.
ALTER TABLE public.mcp_audit_log DROP CONSTRAINT IF EXISTS mcp_audit_log_refusal_key;
DROP INDEX IF EXISTS public.mcp_audit_log_create_date_idx, public.mcp_audit_log_model_idx;
CREATE UNIQUE INDEX IF NOT EXISTS mcp_audit_log_refusal_uniq ON public.mcp_audit_log (refusal) WHERE refusal IS NOT NULL;
CREATE INDEX IF NOT EXISTS mcp_audit_log_create_date_brin ON public.mcp_audit_log
    USING brin (create_date) WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX IF NOT EXISTS mcp_audit_log_user_id_idx ON public.mcp_audit_log (user_id, id);
CREATE INDEX IF NOT EXISTS mcp_audit_log_model_id_idx ON public.mcp_audit_log (model, id) WHERE model IS NOT NULL;

-- HMAC of the row under the secret below. It reveals a row that was altered or inserted by hand.
ALTER TABLE public.mcp_audit_log ADD COLUMN IF NOT EXISTS mac bytea;

-- The client address that a proxy named and Odoo did not trust (proxy mode is off, or a header is missing).
ALTER TABLE public.mcp_audit_log ADD COLUMN IF NOT EXISTS forwarded varchar;

-- The changes of a call, if the administrator stores them: {"model", "fields", "before", "after"}, redacted and capped.
ALTER TABLE public.mcp_audit_log ADD COLUMN IF NOT EXISTS changes json;

-- Secrets of this database. The table has no Odoo model, since Odoo's own interfaces can read every model.
CREATE TABLE IF NOT EXISTS public.mcp_secret (
    name varchar PRIMARY KEY,
    secret bytea NOT NULL
);
INSERT INTO public.mcp_secret (name, secret)
SELECT wanted.name, pg_catalog.decode(
    pg_catalog.replace(pg_catalog.gen_random_uuid()::text || pg_catalog.gen_random_uuid()::text, '-', ''), 'hex')
FROM (VALUES ('audit'), ('token')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM public.mcp_secret s WHERE s.name = wanted.name);

-- Statistics of calls for database administrators: per day (UTC), method, tool, model, user, key and path. A condition
-- on the day limits the rows that are read and sorted.
CREATE OR REPLACE VIEW public.mcp_stat_calls AS
SELECT pg_catalog.date_trunc('day', a.create_date) AS day,
       a.method, a.tool, a.model, a.user_id, a.api_key_id, a.api_key_name,
       a.path,                              -- core or orm: the part that answered
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

-- The database that a secret belongs to: a copied database makes its own. `since`: audit rows up to this id have HMACs
-- under the secret of the original database.
ALTER TABLE public.mcp_secret ADD COLUMN IF NOT EXISTS database_uuid varchar;
ALTER TABLE public.mcp_secret ADD COLUMN IF NOT EXISTS since bigint NOT NULL DEFAULT 0;
UPDATE public.mcp_secret SET database_uuid = p.value
FROM public.ir_config_parameter p WHERE p.key = 'database.uuid' AND database_uuid IS NULL;

-- Seals of the audit log, written by mcp_maintain(). Each covers a range of ids in which no further row can appear, and
-- has the HMAC of the seal before. A seal stays when retention deletes its rows.
CREATE TABLE IF NOT EXISTS public.mcp_audit_seal (
    id bigint PRIMARY KEY,              -- 1, 2, 3 and so on without a gap
    create_date timestamp NOT NULL,     -- UTC
    first_id bigint NOT NULL,           -- follows the last id of the seal before
    last_id bigint NOT NULL,
    row_count integer NOT NULL,
    ids int8multirange NOT NULL,        -- the ids that have a row; the other ids belong to rolled-back transactions
    counts text NOT NULL,               -- rows that count more than one refusal: id:count, separated by commas
    digest varchar NOT NULL,            -- SHA-256 over id (8 bytes, big-endian) and HMAC of each row, in their order
    newest timestamp NOT NULL,          -- create_date of its latest row
    since bigint NOT NULL,              -- mcp_secret.since
    previous varchar,                   -- mac of the seal before
    mac varchar NOT NULL,               -- HMAC of all columns above
    retired_at timestamp,               -- when retention deleted its rows
    retired_mac varchar                 -- HMAC of mac and retired_at
);
CREATE INDEX IF NOT EXISTS mcp_audit_seal_kept_idx ON public.mcp_audit_seal (id) WHERE retired_at IS NULL;

-- Rows and seals are written once. The triggers prevent accidental changes by scripts, other apps and administrators.
-- They do not stop the owner of the tables, who can disable a trigger; the seals reveal such changes.
-- Retention sets odoo_mcp.audit_retention for its transaction: the triggers then allow changes.
CREATE OR REPLACE FUNCTION public.mcp_audit_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('odoo_mcp.audit_retention', true) = 'on' THEN
        IF TG_LEVEL = 'ROW' AND TG_OP = 'UPDATE' THEN
            RETURN NEW;
        END IF;
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The MCP audit is written once: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Old rows go by the setting odoo_mcp.audit_days, in whole sealed stretches.';
END $$;
-- An UPDATE of the column count alone is allowed: the extension counts repeated refusals that way.
CREATE OR REPLACE TRIGGER mcp_audit_log_written_once BEFORE DELETE OR UPDATE OF
    id, call_id, create_date, user_id, login, api_key_id, api_key_name, session_id, client_name, client_version,
    protocol_version, http_method, method, tool, resource_uri, prompt, model, record_ids, request, status, http_status,
    error_code, error, row_count, response_bytes, remote_addr, user_agent, duration_ms, path, door, refusal, mac,
    forwarded, changes
ON public.mcp_audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.mcp_audit_guard();
CREATE OR REPLACE TRIGGER mcp_audit_log_counted_up BEFORE UPDATE OF count ON public.mcp_audit_log FOR EACH ROW
WHEN (OLD.refusal IS NULL OR NEW.count <> OLD.count + 1) EXECUTE FUNCTION public.mcp_audit_guard();
CREATE OR REPLACE TRIGGER mcp_audit_log_not_emptied BEFORE TRUNCATE ON public.mcp_audit_log
FOR EACH STATEMENT EXECUTE FUNCTION public.mcp_audit_guard();
CREATE OR REPLACE TRIGGER mcp_audit_seal_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON public.mcp_audit_seal
FOR EACH STATEMENT EXECUTE FUNCTION public.mcp_audit_guard();

-- Dependencies of fields according to Odoo's registry. The addon writes them whenever they change (registry_facts.py).
-- A row says that `field` may reveal `on_field`: it is computed from it, related to it, or its inverse. Special values
-- of `on_field`:
--   *           the field is computed, and its sources are unknown
--   @search     a method searches by the field
--   @groups:…   only these groups may see the field
--   @if:…       the code of the field's method reads that field only to decide something
--   @records    the code of the field's method shows an unknown set of records of `on_model`
-- Special values of `field`: '@names' is the search of records by name, '@rows' is the query in place of a model's
-- table.
-- The row with an empty model has the digest of all other rows as `field`, and as `on_field` a digest of that digest
-- and of the sources of the facts.
CREATE TABLE IF NOT EXISTS public.mcp_field_dependency (
    model varchar NOT NULL,
    field varchar NOT NULL,
    on_model varchar NOT NULL,
    on_field varchar NOT NULL,
    related boolean NOT NULL DEFAULT false,
    -- on_field belongs to another record, which the field reaches by a declared relation. False if only the code of the
    -- field's method shows the dependency (code_dependencies.py).
    beyond boolean NOT NULL DEFAULT false,
    PRIMARY KEY (model, field, on_model, on_field)
);
CREATE INDEX IF NOT EXISTS mcp_field_dependency_on_idx ON public.mcp_field_dependency (on_model, on_field);

-- Facts about models according to Odoo's registry and code (model_facts.py). The addon writes them together with the
-- dependencies above, under the same digest. Kinds:
--   abstract    the model has no records
--   inherits    a record of the model is also a record of `other`, by the relation `field` (_inherits)
--   inherited   `field` of the model is an inherited field of `other`
--   part        a record of the model is a part of the record of `other` that `field` refers to; `other` inherits it
--   shares      rows of the model are also rows of `other`
--   evaluated   Odoo's code evaluates the text in `field` as an expression, a program or a template
--   renders     the model renders texts of its records, which may contain code
--   template    the model is a wizard with a relation to a model that renders
--   cascade     deleting the record of `other` in `field` deletes this record: by PostgreSQL, or by the code of unlink
--   cleared     deleting a record of `other` removes it from `field`, a many2one or many2many
--   reference   `field` is the id of a record; `other` is the path to the field with the name of that record's model
--   changes     a value of `field` changes records of `other`: the field is related, or a relation with an inverse
--   inverse     a method writes the value of `field`
--   may_change  such a method may change records of `other`: its code names the model, or the field is computed from it
--   defines     records of `other` have the definitions of the properties in `field`
CREATE TABLE IF NOT EXISTS public.mcp_model_fact (
    kind varchar NOT NULL,
    model varchar NOT NULL,
    field varchar NOT NULL,
    other varchar NOT NULL,
    PRIMARY KEY (kind, model, field, other)
);

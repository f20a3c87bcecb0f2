"""No secret reaches a log. PostgreSQL logs every statement, duration and error in full, while the tests provoke errors
and timeouts in each core function, at both doors."""

import base64
import contextlib
import functools
import threading

import psycopg2
import pytest
from support import mcp, workers
from support.json2 import Json2
from support.logs import Log

DATABASE = "secrets"
OPEN = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_error_verbosity": "verbose",
    "log_min_error_statement": "debug1",
    "statement_timeout": "700ms",
}
PASSWORD = "Correct-Horse-Battery-7"
# Text that only occurs in statements that pass the authentication context back.
PASS = '"audit_request_bytes"'
# A body too large for the first statement, so that the gate runs alone and returns an authentication context.
LARGE = {"_meta": {"example.com/padding": "p" * 70_000}}

REFUSE = """
CREATE OR REPLACE FUNCTION public.test_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$
"""


@pytest.fixture(scope="module")
def talkative(environment, world):
    """A database whose statements PostgreSQL logs in full detail, and a server of one worker for each door."""
    db = world.copy(DATABASE)
    for name, value in OPEN.items():
        environment.sql(f"ALTER DATABASE {DATABASE} SET {name} = '{value}'")
    db.run(REFUSE)
    servers = {
        name: environment.odoo(DATABASE, name=f"{DATABASE}-{name}", workers=1, environment=variables)
        for name, variables in (("fast", {}), ("ordinary", {"ODOO_MCP_FAST_DOOR": "0"}))
    }
    yield db, servers
    db.close()
    for server in servers.values():
        server.stop()


class Leak:
    """The logs since a mark, and the secrets that they must not contain."""

    def __init__(self, environment, server, user):
        self.logs = [Log(server.log), Log(environment.cluster.log)]
        self.marks = [log.mark() for log in self.logs]
        self.server = server
        self.user = user
        self.activity = []
        self.environment = environment
        key = user.key
        self.forbidden = {
            "the key": key,
            "the key's beginning": key[:12],
            "the key's end": key[-12:],
            "the password": PASSWORD,
            "the password's beginning": PASSWORD[:10],
            "Basic with the key": base64.b64encode(f"{user.login}:{key}".encode()).decode(),
            "Basic with the password": base64.b64encode(f"{user.login}:{PASSWORD}".encode()).decode()[:-4],
        }

    def credentials(self):
        """Every way of signing in for this user, and failing variants with an almost correct secret."""
        key, login = self.user.key, self.user.login
        return [
            mcp.bearer(key),
            mcp.basic(login, key),
            mcp.basic(login, PASSWORD),
            mcp.bearer(key[:-1] + "_"),
            mcp.bearer(key[:20] + key[:20]),
            mcp.basic(login, PASSWORD + "!"),
            f"Bearer {key}, Bearer {key}",
            f"Digest {key}",
        ]

    def watch(self):
        """Records what PostgreSQL shows as running now."""
        rows = self.environment.sql(
            "SELECT pid, state, query FROM pg_stat_activity WHERE application_name LIKE 'odoo-%'"
        )
        self.activity.append(rows)

    def check(self, *shown):
        """No log contains a secret. Each log contains the expected text, which proves that it was recorded."""
        texts = [log.since(mark) for log, mark in zip(self.logs, self.marks, strict=True)] + self.activity
        for what, secret in self.forbidden.items():
            for text in texts:
                assert secret not in text, (what, text[max(text.find(secret) - 300, 0) : text.find(secret) + 80])
        for needed in shown:
            assert needed in texts[1], f"PostgreSQL's log does not show {needed}"


@pytest.fixture(params=["fast", "ordinary"])
def scene(request, environment, talkative, world):
    """(database, server, a user with key and password, leak check) of one door."""
    db, servers = talkative
    server = servers[request.param]
    user = world.spare()
    assert (
        Json2(server, world["admin"].key).value("res.users", "write", ids=[user.id], vals={"password": PASSWORD})
        is True
    )
    return db, server, user, Leak(environment, server, user)


def _ask(server, authorization, method="tools/list", params=None, headers=()):
    return mcp.Client(server, authorization, headers).modern(method, params)


@contextlib.contextmanager
def refusing(db, table, condition="true"):
    """Every insert into the table that matches the condition fails."""
    db.run(
        f"CREATE TRIGGER test_refuse BEFORE INSERT ON {table} FOR EACH ROW"
        f" WHEN ({condition}) EXECUTE FUNCTION test_refuse()"
    )
    try:
        yield
    finally:
        db.run(f"DROP TRIGGER test_refuse ON {table}")


@contextlib.contextmanager
def locked(db, table):
    """Locks the table as an upgrade does."""
    with db.transaction() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


def test_ordinary_requests(scene):
    _db, server, user, leak = scene
    for credential in leak.credentials():
        _ask(server, credential)
        _ask(server, credential, params=LARGE)
        _ask(server, credential, "tools/call", {"name": "count", "arguments": {"model": "res.partner"}})
    leak.check("mcp_exchange(", PASS, "mcp_continue(", user.key[:8])


def test_a_gate_that_times_out(scene):
    """The gate waits for a lock on the table of keys. PostgreSQL and Odoo log the statement and its error."""
    db, server, _user, leak = scene
    with locked(db, "res_users_apikeys, res_users"):
        for credential in leak.credentials()[:3]:
            assert _ask(server, credential).status == 503
    leak.check("mcp_exchange(", "STATEMENT:")


def test_a_gate_that_fails(scene):
    """The gate cannot write its audit row."""
    db, server, _user, leak = scene
    with refusing(db, "mcp_audit_log"):
        for credential in leak.credentials()[3:]:
            assert _ask(server, credential).status >= 500
    leak.check("refused by a test", "STATEMENT:", "mcp_exchange(")


def test_a_handle_that_times_out(scene):
    db, server, _user, leak = scene
    for credential in leak.credentials()[:3]:
        assert _ask(server, credential).status == 200
        with locked(db, "mcp_tool"):
            for params in (None, LARGE):
                assert _ask(server, credential, params=params).status in (500, 503)
    leak.check("mcp_exchange(", PASS, "ERROR:")


def test_a_handle_that_fails(scene):
    db, server, _user, leak = scene
    with refusing(db, "mcp_audit_log", "NEW.status = 'ok'"):
        for credential in leak.credentials()[:3]:
            for params in (None, LARGE):
                assert _ask(server, credential, params=params).status >= 500
    with refusing(db, "mcp_inflight_call"):
        for credential in leak.credentials()[:3]:
            answer = _ask(server, credential, "tools/call", {"name": "count", "arguments": {"model": "res.partner"}})
            assert answer.status >= 500
    leak.check("refused by a test", "STATEMENT:", "mcp_exchange(", PASS)


def test_a_resume_that_fails_after_a_verification(scene):
    """The key's index is right and the rest is wrong. mcp_continue writes the refusal."""
    db, server, user, leak = scene
    wrong = user.key[:8] + user.key[8:].translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    leak.forbidden["the wrong key"] = wrong[:12]
    with refusing(db, "mcp_audit_log", "NEW.http_status = 401"):
        for credential in (mcp.bearer(wrong), mcp.basic(user.login, wrong), mcp.basic(user.login, PASSWORD + "!")):
            assert _ask(server, credential).status >= 500
    leak.check("refused by a test", "STATEMENT:", "mcp_continue(")


def test_a_resume_that_fails_after_a_call(scene):
    """The change and its audit row fail together, and then the failure's own row cannot be written either."""
    db, server, _user, leak = scene
    call = {"name": "count", "arguments": {"model": "res.partner"}}
    with refusing(db, "mcp_audit_log", "NEW.status = 'ok'"):
        for credential in leak.credentials()[:3]:
            assert "refused by a test" not in _ask(server, credential, "tools/call", call).text
    with refusing(db, "mcp_audit_log"):
        for credential in leak.credentials()[:3]:
            assert "refused by a test" not in _ask(server, credential, "tools/call", call).text
    leak.check("refused by a test", "STATEMENT:", "mcp_continue(")


def test_a_call_that_times_out(scene):
    db, server, _user, leak = scene
    with db.parameter("odoo_mcp.call_seconds", "1"):
        for credential in leak.credentials()[:3]:
            answer = _ask(server, credential, "tools/call", {"name": "test_sleep", "arguments": {"seconds": 30}})
            assert answer.json["result"]["isError"] is True
    leak.check("canceling statement", "STATEMENT:")


def test_a_call_that_raises(scene):
    """Odoo logs the traceback. The client does not get it, and it contains no credential."""
    db, server, _user, leak = scene
    for credential in leak.credentials()[:3]:
        answer = _ask(server, credential, "tools/call", {"name": "test_secret_error", "arguments": {"name": "leak"}})
        assert "hunter2" not in answer.text
    leak.check()
    assert "hunter2" in leak.logs[0].since(leak.marks[0])
    assert (
        db.value(
            "SELECT count(*) FROM mcp_audit_log WHERE request::text LIKE '%%hunter2%%' OR error LIKE '%%hunter2%%'"
        )
        == 0
    )


def test_functions_that_are_gone(scene):
    db, server, _user, leak = scene
    db.run("DROP EXTENSION odoo_mcp")
    try:
        for credential in leak.credentials():
            assert _ask(server, credential).status == 503
    finally:
        db.run("CREATE EXTENSION odoo_mcp SCHEMA public")
    leak.check("mcp_exchange(", "does not exist", "STATEMENT:")


def test_what_runs_shows_no_secret_and_a_killed_backend_neither(scene):
    """While a statement waits for a lock, everybody can see it in pg_stat_activity."""
    db, server, _user, leak = scene
    for credential in leak.credentials()[:3]:
        # The gate checks the cached password. An uncached one would wait in Odoo's own check.
        assert _ask(server, credential).status == 200
        with locked(db, "res_users_apikeys, res_users"):
            thread = threading.Thread(target=_ask, args=(server, credential))
            thread.start()
            waiting = (
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock' AND query LIKE '%%mcp_exchange(%%'"
            )
            workers.wait_for(functools.partial(db.rows, waiting))
            leak.watch()
            for row in db.rows(waiting):
                with contextlib.suppress(psycopg2.Error):
                    db.run("SELECT pg_terminate_backend(%s)", row["pid"])
            thread.join()
    assert any("mcp_exchange(" in text for text in leak.activity)
    leak.check("mcp_exchange(", "terminating connection")


def test_the_audit_log_and_the_notes_of_calls_hold_no_secret(scene):
    db, server, _user, leak = scene
    for credential in leak.credentials():
        _ask(server, credential, "tools/call", {"name": "count", "arguments": {"model": "res.partner"}})
        mcp.Client(server, credential).initialize()
    texts = [
        db.value(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
        for table in ("mcp_audit_log", "mcp_inflight_call", "mcp_session", "ir_logging")
    ]
    for what, secret in leak.forbidden.items():
        assert not any(secret in text for text in texts), what

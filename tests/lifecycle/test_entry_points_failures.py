"""Failures of the infrastructure: upgrades, killed connections, a restarted server, an exhausted pool, many
simultaneous clients."""

import functools
import threading

import psycopg2
import pytest
from support import http, mcp
from support.logs import Log
from support.workers import backends, wait_for

DATABASE = "trouble"


@pytest.fixture(scope="module")
def troubled(environment, world):
    """A separate database."""
    db = world.copy(DATABASE)
    yield db
    db.close()


@pytest.fixture(scope="module", params=["fast", "ordinary"])
def server(request, environment, troubled):
    """A preforking server with one worker, so that the same process handles the request after each failure."""
    variables = {} if request.param == "fast" else {"ODOO_MCP_FAST_DOOR": "0"}
    started = environment.odoo(DATABASE, name=f"{DATABASE}-{request.param}", workers=1, environment=variables)
    yield started
    started.stop()


@pytest.fixture
def client(world, server):
    """The administrator's client. The worker must stay the same."""
    before = server.worker_pids()
    yield world.client(server)
    assert server.worker_pids() == before


def _available(client):
    assert client.modern("tools/list").status == 200
    assert client.result("count", {"model": "res.company"})["count"] >= 2


def _unavailable(answer, *texts):
    assert answer.status == 503, answer.text
    assert int(answer.header("Retry-After")) > 0
    for text in texts:
        assert text in answer.message, answer.message


@pytest.mark.parametrize("state", ["to upgrade", "to install", "to remove"])
def test_during_an_upgrade_it_is_503_and_says_when_to_come_back(client, troubled, state):
    _available(client)
    troubled.run("UPDATE ir_module_module SET state = %s WHERE name = 'odoo_mcp'", state)
    try:
        _unavailable(client.modern("tools/list"), state)
        _unavailable(client.call("count", {"model": "res.company"}), state)
    finally:
        troubled.run("UPDATE ir_module_module SET state = 'installed' WHERE name = 'odoo_mcp'")
    _available(client)


def test_a_lock_of_an_upgrade_is_503_soon_and_not_a_wait_for_its_end(client, troubled):
    _available(client)
    with troubled.transaction() as cursor:
        cursor.execute("LOCK TABLE res_users_apikeys IN ACCESS EXCLUSIVE MODE")
        _unavailable(client.modern("tools/list"))
    _available(client)


def test_a_killed_connection_is_opened_again(client, troubled):
    """Odoo's own duplicate, rename and restore close every connection to a database."""
    _available(client)
    before = troubled.audit_total()
    for _ in range(3):
        killed = [troubled.value("SELECT pg_terminate_backend(%s)", pid) for pid in backends(troubled)]
        assert killed
        wait_for(lambda: not backends(troubled))
        _available(client)
    assert troubled.audit_total() - before == 6


def test_a_refusal_after_a_killed_connection_is_counted_once(client, troubled):
    _available(client)
    before = troubled.audit_total()
    for pid in backends(troubled):
        troubled.value("SELECT pg_terminate_backend(%s)", pid)
    wait_for(lambda: not backends(troubled))
    assert client.send(b"hello").code == mcp.PARSE_ERROR
    assert troubled.audit_total() - before == 1


def test_a_restarted_postgresql_is_met_again(client, environment, world, troubled):
    _available(client)
    troubled.close()
    world.db.close()
    environment.cluster.restart()
    _available(client)


def test_a_stopped_postgresql_is_503_and_no_end_of_a_session(client, environment, world, troubled):
    """When PostgreSQL is down, Odoo itself finds no database and returns 404. A client of a handshake version would
    take that as the end of its session. Covers the first request afterwards, requests without an open connection, and
    requests on the ordinary route."""
    client.initialize()
    assert client.legacy("tools/list").status == 200
    troubled.close()
    world.db.close()
    environment.cluster.shut_down()
    try:
        for headers in ([], [], [("Cookie", "session_id=abc")], [("Host", "odoo.example.com")]):
            answer = client.legacy("tools/list", headers=headers)
            _unavailable(answer, "cannot reach its database")
            assert answer.header("Content-Type") == "application/json"
            assert "Traceback" not in answer.text
            assert "psycopg2" not in answer.text
        # On other paths Odoo answers as usual.
        assert http.exchange(client.port, "GET", "/no/such/page", []).status == 404
    finally:
        environment.cluster.restart()
    assert client.legacy("tools/list").status == 200
    client.session = client.version = None
    _available(client)


def test_a_deadlock_is_met_by_trying_once_more(client, environment, troubled):
    """A statement that PostgreSQL aborts to resolve a deadlock has no effect, so the server can retry unseen."""
    _available(client)
    troubled.run(
        "CREATE FUNCTION deadlock_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_advisory_xact_lock(71, 1); PERFORM pg_advisory_xact_lock(71, 2); RETURN NEW; END $$"
    )
    troubled.run(
        "CREATE TRIGGER deadlock_test BEFORE INSERT ON mcp_audit_log FOR EACH ROW EXECUTE FUNCTION deadlock_test()"
    )
    waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 71 AND objid = 2 AND NOT granted"
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before, mark, answers = troubled.value(deadlocks), troubled.audit_mark(), []
    try:
        # The superuser session has a longer deadlock timeout, so PostgreSQL aborts the other one.
        with psycopg2.connect(environment.dsn(DATABASE, "postgres")) as other, other.cursor() as cursor:
            cursor.execute("SET deadlock_timeout = '60s'; SELECT pg_advisory_xact_lock(71, 2)")
            asking = threading.Thread(target=lambda: answers.append(client.modern("tools/list")))
            asking.start()
            wait_for(lambda: troubled.rows(waits))
            cursor.execute("SELECT pg_advisory_xact_lock(71, 1)")
            other.rollback()
            asking.join()
        other.close()
    finally:
        troubled.run("DROP TRIGGER deadlock_test ON mcp_audit_log; DROP FUNCTION deadlock_test()")
    assert answers[0].status == 200, answers[0].text
    assert [row["status"] for row in troubled.audit_since(mark)] == ["ok"]
    wait_for(lambda: troubled.value(deadlocks) == before + 1)


def test_a_database_that_isolates_otherwise_is_refused(client, environment, troubled):
    """The gate must see the latest committed rows. It refuses every isolation level except READ COMMITTED."""
    environment.sql(f"ALTER DATABASE {DATABASE} SET default_transaction_isolation = 'serializable'")
    try:
        for pid in backends(troubled):
            troubled.value("SELECT pg_terminate_backend(%s)", pid)
        answer = client.modern("tools/list")
        assert answer.status >= 500
        assert "Traceback" not in answer.text
    finally:
        environment.sql(f"ALTER DATABASE {DATABASE} RESET default_transaction_isolation")
        for pid in backends(troubled):
            troubled.value("SELECT pg_terminate_backend(%s)", pid)
    _available(client)


# Pool connections that other requests hold: all except the exchange's own and the one for Odoo's request.
HELD = {"fast": 3, "ordinary": 2}


def _threads(number, function):
    threads = [threading.Thread(target=function) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads


@pytest.mark.parametrize("name", HELD)
def test_a_full_pool_is_503_and_recorded(environment, world, troubled, name):
    """Other requests hold every connection except the exchange's own. The server refuses the call when it needs another
    one."""
    variables = {} if name == "fast" else {"ODOO_MCP_FAST_DOOR": "0"}
    small = environment.odoo(
        DATABASE, name=f"small-{name}", workers=0, environment=variables, options={"db_maxconn": 4}
    )
    client, odoo = world.client(small), world.json2(small)
    _available(client)
    category = odoo.value("res.partner.category", "create", vals_list=[{"name": "Held"}])
    write = functools.partial(odoo.call, "res.partner.category", "write", ids=category, vals={"color": 1})
    with troubled.transaction() as cursor:
        cursor.execute("SELECT 1 FROM res_partner_category WHERE id = %s FOR UPDATE", category)
        threads = _threads(HELD[name], write)
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        wait_for(lambda: len(troubled.rows(waiting)) == HELD[name])
        mark = troubled.audit_mark()
        answer = client.call("count", {"model": "res.company"})
        rows = troubled.audit_since(mark)
    for thread in threads:
        thread.join()
    _unavailable(answer)
    assert [(row["tool"], row["http_status"]) for row in rows] == [("count", 503)]
    assert rows[0]["status"] in ("refused", "failed")
    assert troubled.value("SELECT count(*) FROM mcp_inflight_call") == 0
    _available(client)
    assert odoo.value("res.partner.category", "unlink", ids=category) is True
    small.stop()


def test_more_exchanges_than_connections_wait_and_are_then_503(environment, world, troubled):
    """A request that never reaches PostgreSQL has no audit row. Odoo's log has a line for it."""
    small = environment.odoo(DATABASE, name="smaller", workers=0, options={"db_maxconn": 3})
    client, log = world.client(small), Log(small.log)
    _available(client)
    threads = _threads(1, lambda: world.client(small).call("test_sleep", {"seconds": 6}))
    sleeping = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(6%%'"
    wait_for(lambda: troubled.rows(sleeping))
    before, mark = troubled.audit_total(), log.mark()
    answer = client.call("count", {"model": "res.company"})
    recorded = troubled.audit_total() - before
    for thread in threads:
        thread.join()
    _unavailable(answer)
    assert recorded == 0
    assert "PoolError" in log.since(mark)
    _available(client)
    small.stop()


def test_many_at_once_get_their_own_answers(environment, world, troubled):
    """Twenty threads of one process and five users: no user gets another user's answer."""
    threaded = environment.odoo(DATABASE, name="threaded", workers=0)
    logins = ["admin", "sally", "olga", "petra", "tom"]
    wrong, done = [], []

    def ask(number):
        login = logins[number % len(logins)]
        client = world.client(threaded, login)
        for _ in range(10):
            if number % 2:
                got = client.result("test_context")["uid"]
                if got != world[login].id:
                    wrong.append((login, got))
            elif client.legacy("ping", number=number).json != {"jsonrpc": "2.0", "id": number, "result": {}}:
                wrong.append(number)
            done.append(number)

    before = troubled.audit_total()
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(done)) == ([], 200)
    assert troubled.audit_total() - before == 200
    assert Log(threaded.log).trouble() == []
    threaded.stop()

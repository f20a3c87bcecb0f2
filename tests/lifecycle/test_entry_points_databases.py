"""The database of a request, and the headers that a proxy may set: both doors follow Odoo's own rules."""

import re

import pytest
from support import http, mcp
from support.logs import Log
from support.workers import wait_for

from harness.cluster import port_is_free

ALPHA, BETA, BARE = "alpha", "beta", "bare"


@pytest.fixture(scope="module")
def databases(environment, world):
    """Two databases with the addon and one without. The second one has different company names."""
    alpha, beta = world.copy(ALPHA), world.copy(BETA)
    environment.fresh_database(BARE, "base")
    yield {ALPHA: alpha, BETA: beta}
    alpha.close()
    beta.close()


@pytest.fixture(scope="module", params=["fast", "ordinary"])
def several(request, environment, databases):
    """For each door, a threaded server of several databases. Its dbfilter matches three of them."""
    variables = {} if request.param == "fast" else {"ODOO_MCP_FAST_DOOR": "0"}
    server = environment.odoo(
        name=f"several-{request.param}", workers=0, dbfilter=f"^({ALPHA}|{BETA}|{BARE})$", environment=variables
    )
    server.door = request.param
    yield server
    trouble = Log(server.log).trouble()
    server.stop()
    assert not trouble, trouble


@pytest.fixture(scope="module", params=["fast", "ordinary"])
def by_host(request, environment, databases):
    """A preforking server that takes the database from the host name."""
    variables = {} if request.param == "fast" else {"ODOO_MCP_FAST_DOOR": "0"}
    server = environment.odoo(name=f"by-host-{request.param}", workers=1, dbfilter="^%d$", environment=variables)
    server.door = request.param
    yield server
    trouble = Log(server.log).trouble()
    server.stop()
    assert not trouble, trouble


def _client(world, server, *headers):
    return world.client(server, headers=headers)


def _rows(databases):
    return {name: db.audit_total() for name, db in databases.items()}


def test_a_header_names_the_database(world, databases, several):
    """The first request for a database loads its registry through the ordinary route. Later requests use the fast
    door."""
    for name in (ALPHA, BETA, ALPHA, BETA):
        before = _rows(databases)
        answer = _client(world, several, ("X-Odoo-Database", name)).modern("tools/list")
        assert answer.status == 200, answer.text
        after = _rows(databases)
        assert {other for other in after if after[other] != before[other]} == {name}
    doors = databases[BETA].value("SELECT door FROM mcp_audit_log ORDER BY id DESC LIMIT 1")
    assert doors == several.door


def test_without_a_header_several_databases_are_no_certain_one(world, databases, several):
    before = _rows(databases)
    answer = _client(world, several).modern("tools/list")
    assert answer.status == 404
    assert _rows(databases) == before


@pytest.mark.parametrize("name", ["no_such_database", "world", "postgres", "alpha; --", "ALPHA", ""])
def test_a_database_that_the_filter_does_not_know_is_404(world, databases, several, name):
    before = _rows(databases)
    assert _client(world, several, ("X-Odoo-Database", name)).modern("tools/list").status == 404
    assert _rows(databases) == before


def test_a_database_without_the_addon_gets_odoos_own_404(world, several):
    ours = _client(world, several, ("X-Odoo-Database", BARE)).modern("tools/list")
    odoos = http.exchange(several.port, "GET", "/no/such/page", [("X-Odoo-Database", BARE)])
    assert (ours.status, odoos.status) == (404, 404)
    assert ours.header("Content-Type") == odoos.header("Content-Type")


def test_a_key_of_one_database_is_no_key_of_another(databases, several, world):
    """A worker's cache of credentials is bound to the database."""
    client = _client(world, several, ("X-Odoo-Database", ALPHA))
    assert client.modern("tools/list").status == 200
    databases[BETA].run("DELETE FROM res_users_apikeys WHERE user_id = %s", world["olga"].id)
    olga = mcp.bearer(world["olga"].key)
    assert mcp.Client(several, olga, [("X-Odoo-Database", ALPHA)]).modern("tools/list").status == 200
    assert mcp.Client(several, olga, [("X-Odoo-Database", BETA)]).modern("tools/list").status == 401


def test_the_host_names_the_database(world, databases, by_host):
    for name in (ALPHA, BETA, ALPHA):
        before = _rows(databases)
        for host in (f"{name}.example.com", f"www.{name}.example.com", f"{name}:8069"):
            answer = _client(world, by_host, ("Host", host)).modern("tools/list")
            assert answer.status == 200, (host, answer.text)
        after = _rows(databases)
        assert {other: after[other] - before[other] for other in after} == {
            name: 3,
            **{o: 0 for o in after if o != name},
        }
        assert databases[name].value("SELECT door FROM mcp_audit_log ORDER BY id DESC LIMIT 1") == by_host.door


@pytest.mark.parametrize("host", ["unknown.example.com", "alphabet.example.com", "localhost", "", ".", "%d"])
def test_a_host_of_no_database_is_404(world, by_host, host):
    # Odoo itself refuses a host name that consists of dots.
    assert _client(world, by_host, ("Host", host)).modern("tools/list").status == (400 if host == "." else 404)


def test_a_header_must_fit_the_hosts_database(world, databases, by_host):
    fitting = _client(world, by_host, ("Host", "alpha.example.com"), ("X-Odoo-Database", ALPHA))
    assert fitting.modern("tools/list").status == 200
    other = _client(world, by_host, ("Host", "alpha.example.com"), ("X-Odoo-Database", BETA))
    assert other.modern("tools/list").status == 404


def test_the_access_log_names_the_request_at_hand(world, by_host):
    """A worker's thread serves many requests. Without a reset, the log line would name the previous request's
    database."""
    log = Log(by_host.log)
    mark = log.mark()
    for number, name in enumerate((ALPHA, BETA, "none", ALPHA, "none", BETA)):
        _client(world, by_host, ("Host", f"{name}.example.com")).send(mcp.message("ping"), method="POST")
        probe = f"/web/health?probe-{number}"
        http.exchange(by_host.port, "GET", probe)
    wait_for(lambda: "probe-5" in log.since(mark))
    lines = re.findall(r"^\S+ \S+ \d+ INFO (\S+) werkzeug: .*?\"(?:POST|GET) (/\S+)", log.since(mark), re.M)
    assert [database for database, path in lines if path.startswith("/mcp")] == [ALPHA, BETA, "?", ALPHA, "?", BETA]
    assert {database for database, path in lines if path.startswith("/web/health")} == {"?"}


def test_the_access_log_counts_the_queries_of_the_request_at_hand(world, by_host):
    """The counters in the log line start at zero for each request."""
    log = Log(by_host.log)
    client = _client(world, by_host, ("Host", "alpha.example.com"))
    client.result("search", {"model": "res.partner", "limit": 50})
    mark = log.mark()
    for _ in range(3):
        client.send(mcp.message("ping"))
    wait_for(lambda: log.since(mark).count('"POST /mcp') >= 3)
    counts = [int(count) for count in re.findall(r'"POST /mcp[^"]*" \d+ \S+ (\d+) ', log.since(mark))]
    assert len(counts) == 3
    assert counts[0] == counts[1] == counts[2]


def test_the_first_request_of_a_worker_is_answered(environment, world, databases):
    """Without -d the addon is not loaded at the start. Odoo's ordinary route answers the first request and loads it."""
    server = environment.odoo(name="lazy", workers=1, dbfilter=f"^{ALPHA}$")
    client = world.client(server)
    assert client.result("count", {"model": "res.company"})["count"] >= 2
    assert databases[ALPHA].value("SELECT door FROM mcp_audit_log ORDER BY id DESC LIMIT 1") == "ordinary"
    assert client.result("count", {"model": "res.company"})["count"] >= 2
    assert databases[ALPHA].value("SELECT door FROM mcp_audit_log ORDER BY id DESC LIMIT 1") == "fast"
    assert Log(server.log).trouble() == []
    server.stop()


def test_databases_that_come_and_go_count_at_the_next_request(environment, world):
    """A worker assumes that the list of databases has not changed, and PostgreSQL verifies this in the same statement.
    Nothing runs in a database that is no longer the only one."""
    first = world.copy("guess_one")
    server = environment.odoo(name="guess", workers=1, dbfilter="^guess_")
    client = world.client(server)

    def door(db):
        """The door of a request. The request must have left its only row in this database."""
        before = db.audit_total()
        answer = client.modern("tools/list")
        assert answer.status == 200, answer.text
        assert db.audit_total() == before + 1
        return db.value("SELECT door FROM mcp_audit_log ORDER BY id DESC LIMIT 1")

    assert [door(first) for _ in range(3)] == ["ordinary", "fast", "fast"]
    environment.fresh_database("guess_two", "base")
    before = first.audit_total()
    assert [client.modern("tools/list").status for _ in range(2)] == [404, 404]
    assert first.audit_total() == before
    environment.drop_database("guess_two")
    assert door(first) == "fast"
    # The assumed database is gone, and another one exists.
    second = world.copy("guess_three")
    first.close()
    environment.drop_database("guess_one")
    assert [door(second) for _ in range(3)][-1] == "fast"
    mark = second.audit_mark()
    environment.fresh_database("elsewhere", "base")
    assert door(second) == "fast"
    environment.drop_database("elsewhere")
    assert door(second) == "fast"
    assert {row["door"] for row in second.audit_since(mark)} == {"fast"}
    second.close()
    server.stop()
    environment.drop_database("guess_three")


def test_the_long_polling_process_answers_too(environment, world, databases):
    server = environment.odoo(ALPHA, name="gevent", workers=1)
    port = server.options["gevent_port"]
    wait_for(lambda: not port_is_free(port))
    for _ in range(3):
        assert world.client(port).result("count", {"model": "res.company"})["count"] >= 2
    assert Log(server.log).trouble() == []
    server.stop()


# -- proxies ------------------------------------------------------------------------------------------


@pytest.fixture(
    scope="module",
    params=[("fast", True), ("fast", False), ("ordinary", True), ("ordinary", False)],
    ids=lambda param: f"{param[0]}-{'proxy' if param[1] else 'direct'}",
)
def proxied(request, environment, databases):
    """For each door, servers with and without proxy mode."""
    door, proxy_mode = request.param
    variables = {} if door == "fast" else {"ODOO_MCP_FAST_DOOR": "0"}
    server = environment.odoo(
        ALPHA, name=f"proxy-{door}-{proxy_mode}", workers=0, proxy_mode=proxy_mode, environment=variables
    )
    yield server, proxy_mode
    trouble = Log(server.log).trouble()
    server.stop()
    assert not trouble, trouble


FORWARDED = [
    ("X-Forwarded-For", "203.0.113.9"),
    ("X-Forwarded-Host", "odoo.example.com"),
    ("X-Forwarded-Proto", "https"),
]


def _address(world, databases, server, headers):
    assert world.client(server, headers=headers).modern("tools/list").status == 200
    return databases[ALPHA].value("SELECT remote_addr FROM mcp_audit_log ORDER BY id DESC LIMIT 1")


def test_the_clients_address_is_what_odoo_takes(world, databases, proxied):
    server, proxy_mode = proxied
    assert _address(world, databases, server, []) == "127.0.0.1"
    assert _address(world, databases, server, FORWARDED) == ("203.0.113.9" if proxy_mode else "127.0.0.1")


def test_an_address_without_a_forwarded_host_is_not_believed(world, databases, proxied):
    """Odoo has the same condition."""
    assert _address(world, databases, proxied[0], FORWARDED[:1]) == "127.0.0.1"


def test_only_the_last_proxy_is_believed(world, databases, proxied):
    """A client can forge earlier entries. Applying the rule twice would use them."""
    server, proxy_mode = proxied
    spoofed = [("X-Forwarded-For", "198.51.100.1, 203.0.113.9"), *FORWARDED[1:]]
    assert _address(world, databases, server, spoofed) == ("203.0.113.9" if proxy_mode else "127.0.0.1")


def test_a_forwarded_request_that_goes_to_the_ordinary_route_is_fixed_once(world, databases, proxied):
    server, proxy_mode = proxied
    spoofed = [("X-Forwarded-For", "198.51.100.1, 203.0.113.9"), *FORWARDED[1:], ("Cookie", "session_id=abc")]
    assert _address(world, databases, server, spoofed) == ("203.0.113.9" if proxy_mode else "127.0.0.1")


def test_an_address_that_was_not_believed_is_recorded_and_warned_of(world, databases, proxied):
    """All clients then share the proxy's address. The status warns the administrator, based on the latest messages."""
    server, proxy_mode = proxied
    db = databases[ALPHA]

    def warnings():
        found = [warning["message"] for warning in db.value("SELECT mcp_status()")["warnings"]]
        return [what for what in found if "X-Forwarded-For" in what]

    for headers, named in (
        ([], None),
        (FORWARDED, None if proxy_mode else "203.0.113.9"),
        (FORWARDED[:1], "203.0.113.9"),
        ([("Forwarded", "for=203.0.113.7;proto=https")], "for=203.0.113.7;proto=https"),
    ):
        with db.as_owner():
            db.run("DELETE FROM mcp_audit_log")
        _address(world, databases, server, headers)
        assert db.value("SELECT forwarded FROM mcp_audit_log ORDER BY id DESC LIMIT 1") == named
        assert len(warnings()) == (named is not None)
        assert all(f"{named}, seen from 127.0.0.1" in what for what in warnings())
    assert db.value("SELECT mcp_status()")["ready"] is True

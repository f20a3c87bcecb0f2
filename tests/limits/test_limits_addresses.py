"""Which addresses may connect, and with which key; and which origins may read the answers."""

import contextlib

import pytest
from support import http, mcp
from support.limits import come_from, limits
from support.logs import Log
from support.policy import without_scope

DATABASE = "addresses"
PAGE = "http://localhost:6274"


@pytest.fixture(scope="module")
def db(world):
    """A separate database."""
    made = world.copy(DATABASE)
    yield made
    made.close()


@pytest.fixture(scope="module", params=["fast", "ordinary"])
def server(request, environment, db):
    """For each door, a server behind a proxy that names the clients."""
    variables = {} if request.param == "fast" else {"ODOO_MCP_FAST_DOOR": "0"}
    started = environment.odoo(
        DATABASE, name=f"addresses-{request.param}", workers=2, proxy_mode=True, environment=variables
    )
    yield started
    trouble = Log(started.log).trouble()
    started.stop()
    assert not trouble, trouble[:3]


@pytest.fixture
def ask(world, server):
    """One request of a user from an address."""

    def asked(address, login="sally", scope="rpc", **more):
        return world.client(server, login, scope, headers=come_from(address), **more).modern("tools/list")

    return asked


@pytest.fixture
def scope(world, db):
    """A scope for a user's key, in place of the key's own. It ends with the block."""
    made = []
    places = contextlib.ExitStack()

    def make(login="sally", **columns):
        person = world[login]
        key = db.value(
            "SELECT id FROM res_users_apikeys WHERE user_id = %s AND index = %s", person.id, person.keys["mcp"][:8]
        )
        places.enter_context(without_scope(db, key))
        usual = {"name": "scope", "api_key_id": key, "user_id": person.id, "active": True, "all_models": True}
        columns = usual | columns
        names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
        made.append(db.value(f"INSERT INTO mcp_key_scope ({names}) VALUES ({marks}) RETURNING id", *columns.values()))
        return key

    yield make
    db.run("DELETE FROM mcp_key_scope WHERE id = ANY(%s)", made)
    places.close()


LISTED = "10.0.0.0/8\n2001:db8::/32\n::ffff:198.51.100.0/120\n192.0.2.7  # the office"
INSIDE = [
    "10.255.0.1",
    "::ffff:10.0.0.1",
    "2001:db8:ffff::1",
    "198.51.100.200",
    "192.0.2.7",
    "64:ff9b::10.1.2.3",
    "::10.1.2.3",
]
OUTSIDE = ["11.0.0.1", "::ffff:11.0.0.1", "2001:db9::1", "192.0.2.8", "64:ff9b:1::a00:1"]


def test_only_listed_addresses_or_all_but_those(db, ask):
    with limits(db, ip_strategy="allow", ip_networks=LISTED):
        assert [ask(address).status for address in INSIDE] == [200] * len(INSIDE)
        assert [ask(address).status for address in OUTSIDE] == [403] * len(OUTSIDE)
    with limits(db, ip_strategy="deny", ip_networks=LISTED):
        assert [ask(address).status for address in INSIDE] == [403] * len(INSIDE)
        assert [ask(address).status for address in OUTSIDE] == [200] * len(OUTSIDE)
    with limits(db, ip_strategy="off", ip_networks=LISTED):
        assert [ask(address).status for address in INSIDE + OUTSIDE] == [200] * len(INSIDE + OUTSIDE)


def test_what_is_no_address_is_on_no_list(db, ask):
    for strategy in ("allow", "deny"):
        with limits(db, ip_strategy=strategy, ip_networks="0.0.0.0/0\n::/0" if strategy == "allow" else "10.0.0.0/8"):
            assert ask("203.0.113.1").status == 200
            for odd in ("unknown", "203.0.113.1:4711", "203.0.113.1/32", "_hidden"):
                assert ask(odd).status == 403, odd
    assert ask("unknown").status == 200


@pytest.mark.parametrize(
    ("strategy", "networks"),
    [("allow", "10.0.0.0/8\n10.0.0/8"), ("deny", "10.0.0.0/99"), ("alow", "0.0.0.0/0"), ("allow", "")],
)
def test_rules_that_cannot_be_read_let_nobody_in(db, ask, strategy, networks):
    """The settings refuse such rules, so only SQL can have written them."""
    with limits(db, ip_strategy=strategy, ip_networks=networks):
        for address in ("10.0.0.1", "203.0.113.1"):
            answer = ask(address)
            assert answer.status == 403 and "administrator" in answer.message
            # The answer reveals no rules.
            assert "10.0.0" not in answer.message.replace(address, "")


def test_who_may_not_come_learns_nothing_of_the_credential(db, server, world):
    """The refusals are counted, not logged one by one."""
    with limits(db, ip_strategy="deny", ip_networks="203.0.113.0/24", lockout_failures=3):
        mark, total = db.audit_mark(), db.audit_total()
        credentials = [None, mcp.bearer(world["sally"].key), mcp.bearer("0" * 40), mcp.basic("sally", "guess")]
        answers = [
            mcp.Client(server, credential, come_from("203.0.113.77")).modern("tools/list")
            for credential in credentials
            for _ in range(5)
        ]
        assert {answer.status for answer in answers} == {403}
        assert len({answer.message for answer in answers}) == 1
        assert all(answer.header("WWW-Authenticate") is None for answer in answers)
        assert db.audit_total() - total == 20 and len(db.audit_since(mark)) <= 2
        assert db.value("SELECT count(*) FROM mcp_lockout") == 0


def test_headers_that_odoo_does_not_believe_open_nothing(db, server, world, environment):
    inside = come_from("10.0.0.1")
    with limits(db, ip_strategy="allow", ip_networks="10.0.0.0/8"):
        assert world.client(server, headers=inside).modern("tools/list").status == 200
        for smuggled in (
            inside[:1],
            [("X-Forwarded-For", "10.0.0.1, 203.0.113.1"), inside[1]],
            [("X-Real-IP", "10.0.0.1"), inside[1]],
            [("Forwarded", "for=10.0.0.1"), inside[1]],
            [("X-Forwarded-For", "203.0.113.1"), ("Client-IP", "10.0.0.1"), inside[1]],
        ):
            assert world.client(server, headers=smuggled).modern("tools/list").status == 403, smuggled
        direct = environment.odoo(DATABASE, name="addresses-direct", workers=0)
        try:
            assert world.client(direct, headers=inside).modern("tools/list").status == 403
        finally:
            direct.stop()


def test_a_stolen_key_opens_nothing_elsewhere(db, server, ask, scope):
    elsewhere = f"203.0.{server.port % 250}.9"
    key = scope(networks="10.0.0.0/8\n2001:db8::/32")
    for address in ("10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1"):
        assert ask(address, scope="mcp").status == 200
    mark = db.audit_mark()
    answer = ask(elsewhere, scope="mcp")
    assert answer.status == 403
    # The answer names neither the key's owner nor the allowed networks.
    assert "sally" not in answer.text.lower() and "10.0.0" not in answer.text
    row = db.audit_since(mark)[0]
    assert (row["api_key_id"], row["login"], row["remote_addr"]) == (key, "sally", elsewhere)
    assert row["status"] == "refused"
    # The user's other keys are not affected.
    assert ask(elsewhere).status == 200


def test_networks_of_a_key_that_cannot_be_read_open_nothing(ask, scope):
    scope(networks="10.0.0.0/8\noops")
    assert ask("10.0.0.1", scope="mcp").status == 403


def test_a_keys_end_is_exact_and_an_archived_scope_closes_it(db, ask, scope):
    key = scope()
    assert ask("203.0.113.9", scope="mcp").status == 200

    def becomes(change):
        db.run(f"UPDATE mcp_key_scope SET {change} WHERE api_key_id = %s", key)
        return ask("203.0.113.9", scope="mcp").status

    assert becomes("expires = timezone('UTC', now()) + interval '1 minute'") == 200
    assert becomes("expires = timezone('UTC', now()) - interval '1 second'") == 401
    assert becomes("expires = NULL") == 200
    assert becomes("active = false") == 401
    assert becomes("active = NULL") == 401
    assert becomes("active = true") == 200


def test_pages_of_allowed_origins_read_every_refusal(db, server, world):
    page = [("Origin", PAGE)]
    clients = {
        401: lambda: mcp.Client(server, None, page),
        403: lambda: world.client(server, "norma", headers=page),
        200: lambda: world.client(server, headers=page),
    }
    for status, client in clients.items():
        answer = client().modern("tools/list")
        assert (answer.status, answer.header("Access-Control-Allow-Origin")) == (status, PAGE)
        assert "Origin" in answer.header("Vary")
        for name in ("Mcp-Session-Id", "Retry-After", "WWW-Authenticate"):
            assert name in answer.header("Access-Control-Expose-Headers")
    with limits(db, ip_strategy="allow", ip_networks="10.0.0.0/8"):
        answer = clients[200]().modern("tools/list")
        assert (answer.status, answer.header("Access-Control-Allow-Origin")) == (403, PAGE)
    with limits(db, enabled="False"):
        answer = clients[200]().modern("tools/list")
        assert (answer.status, answer.header("Access-Control-Allow-Origin")) == (503, PAGE)
    with limits(db, lockout_failures=1):
        for status in (401, 429):
            answer = mcp.Client(server, mcp.basic("sally", "guess"), page).modern("tools/list")
            assert (answer.status, answer.header("Access-Control-Allow-Origin")) == (status, PAGE)
    # A page of another origin cannot read them.
    answer = world.client(server, headers=[("Origin", "https://evil.example")]).modern("tools/list")
    assert (answer.status, answer.header("Access-Control-Allow-Origin")) == (403, None)


def test_a_browser_is_told_before_it_asks(db, server):
    def preflight(origin, wanted="authorization, content-type, mcp-param-region, x-evil"):
        headers = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", wanted),
        ]
        return http.exchange(server.port, "OPTIONS", "/mcp", headers)

    answer = preflight(PAGE)
    assert (answer.status, answer.header("Access-Control-Allow-Origin")) == (204, PAGE)
    allowed = answer.header("Access-Control-Allow-Headers").lower().split(", ")
    assert {"authorization", "content-type", "mcp-session-id", "last-event-id", "mcp-param-region"} <= set(allowed)
    assert "x-evil" not in allowed
    assert {"POST", "GET", "DELETE"} <= set(answer.header("Access-Control-Allow-Methods").split(", "))
    answer = preflight(PAGE, 'mcp-a b, mcp-"x", mcp-\x01')
    assert "mcp-a" not in answer.header("Access-Control-Allow-Headers")
    assert preflight("https://evil.example").header("Access-Control-Allow-Origin") is None
    # The setting takes effect at once.
    with limits(db, allowed_origins="https://chat.example"):
        assert preflight("https://chat.example").header("Access-Control-Allow-Origin") == "https://chat.example"
    assert preflight("https://chat.example").status == 403

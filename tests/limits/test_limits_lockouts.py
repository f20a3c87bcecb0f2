"""Lockouts after wrong credentials: exact counts, only for the attacker, and ended by time or by an administrator."""

import re

import pytest
from support import mcp
from support.json2 import Json2
from support.limits import PATIENT, come_from, forget, limits, statuses, together, wait_of
from support.logs import Log

DATABASE = "lockouts"
WORKERS = 4
CLIENTS = 64
HERE, THERE = "203.0.113.9", "198.51.100.1"
TROUBLE = re.compile(r"could not serialize|deadlock detected|bad query", re.I)


@pytest.fixture(scope="module")
def db(world):
    """A separate database, so that failures of other tests do not count."""
    made = world.copy(DATABASE)
    yield made
    made.close()


@pytest.fixture(scope="module", params=["fast", "ordinary"])
def server(request, environment, db):
    """Four workers behind each door, and a proxy that names the clients."""
    variables = PATIENT if request.param == "fast" else {**PATIENT, "ODOO_MCP_FAST_DOOR": "0"}
    started = environment.odoo(
        DATABASE, name=f"lockouts-{request.param}", workers=WORKERS, proxy_mode=True, environment=variables
    )
    yield started
    trouble = Log(started.log).trouble()
    started.stop()
    assert not trouble, trouble[:3]


@pytest.fixture
def ask(server):
    """One request with a credential from an address."""

    def asked(credential, address=HERE):
        return mcp.Client(server, credential, come_from(address)).modern("tools/list")

    return asked


def wrong_key(number):
    """A key that does not exist. Each call returns another prefix."""
    return mcp.bearer(f"{number:08x}" + "0" * 32)


def rows(db):
    """The lockout counters by kind and subject."""
    return {(row["kind"], row["subject"]): row for row in db.rows("SELECT * FROM mcp_lockout")}


def passes(db):
    """Ends the lockouts as if the time had passed."""
    db.run("UPDATE mcp_lockout SET locked_until = locked_until - interval '2 days', window_start = window_start"
           " - interval '2 days'")


def test_however_many_guess_at_once_no_more_are_looked_at(world, db, server, environment, ask):
    odoo, postgres = Log(server.log), Log(environment.cluster.log)
    with limits(db, lockout_failures=5):
        marks, mark, total = (odoo.mark(), postgres.mark()), db.audit_mark(), db.audit_total()
        answers = together(CLIENTS, CLIENTS, lambda number: ask(mcp.basic("sally", f"guess {number}")))
        assert statuses(answers) == {401: 5, 429: CLIENTS - 5}
        # Odoo checked five passwords.
        assert len(re.findall(r"Login failed for login:sally", odoo.since(marks[0]))) == 5
        assert not TROUBLE.findall(odoo.since(marks[0]) + postgres.since(marks[1]))
        assert db.audit_total() - total == CLIENTS
        assert len(db.audit_since(mark)) <= 4
        # The right password is refused too, since accepting it would reveal it. The answer names neither the login nor
        # its existence.
        right = ask(mcp.basic("sally", world["sally"].password))
        wait_of(right, 15 * 60)
        assert "sally" not in right.text and right.header("WWW-Authenticate") is None
        assert right.message == ask(mcp.basic("sally", "wrong")).message.replace(
            str(wait_of(ask(mcp.basic("sally", "wrong")), 900)), right.header("Retry-After"))


def test_guesses_of_a_key_are_as_few(world, db, server, ask):
    sally = world["sally"]
    with limits(db, lockout_failures=5):
        near = [sally.key[:8] + f"{number:032x}" for number in range(CLIENTS)]
        answers = together(CLIENTS, CLIENTS, lambda number: ask(mcp.bearer(near[number])))
        assert statuses(answers) == {401: 5, 429: CLIENTS - 5}
        wait_of(ask(mcp.bearer(sally.key)), 900)
        # The same user's other key still works, and so does the same key from another address.
        assert ask(mcp.bearer(sally.keys["mcp"])).status == 200
        assert ask(mcp.bearer(sally.key), THERE).status == 200


def test_a_victim_is_not_locked_out_from_elsewhere(world, db, server, ask):
    right = mcp.basic("sally", world["sally"].password)
    with limits(db, lockout_failures=3):
        assert ask(right, THERE).status == 200
        for _ in range(3):
            assert ask(mcp.basic("sally", "guess")).status == 401
        wait_of(ask(right), 900)
        # Spelling variants count for the same login. Another login from there still works.
        for login in ("SALLY", " sally "):
            wait_of(ask(mcp.basic(login, world["sally"].password)), 900)
        assert ask(mcp.basic("olga", world["olga"].password)).status == 200
        assert ask(right, THERE).status == 200
        assert ask(mcp.bearer(world["sally"].key)).status == 200


def test_a_remembered_proof_does_not_go_around_it(world, db, server, ask):
    right = mcp.basic("sally", world["sally"].password)
    with limits(db, lockout_failures=3):
        # Enough requests that each worker has verified the credential.
        assert statuses(together(60, 12, lambda _: ask(right, THERE)))[200] >= 40
        forget(db)
        for _ in range(3):
            assert ask(mcp.basic("sally", "guess")).status == 401
        for _ in range(12):
            wait_of(ask(right), 900)


def test_what_was_right_gives_its_attempt_back(world, db, server, ask):
    with limits(db, lockout_failures=3):
        for _ in range(2):
            assert ask(mcp.basic("petra", "guess")).status == 401
        assert ask(mcp.basic("petra", world["petra"].password)).status == 200
        # A success gives back only its own attempt. The earlier failures still count.
        assert rows(db)["login", "petra"]["failures"] == 2
        assert ask(mcp.basic("petra", "guess")).status == 401
        wait_of(ask(mcp.basic("petra", world["petra"].password)), 900)
    with limits(db, lockout_failures=3):
        user = world.spare()
        assert ask(mcp.bearer(user.key)).status == 200
        assert rows(db) == {}


def test_each_lockout_lasts_twice_as_long(db, server, ask):
    with limits(db, lockout_failures=2, lockout_minutes=1):
        for minutes in (1, 2, 4):
            assert [ask(mcp.basic("olga", "guess")).status for _ in range(2)] == [401, 401]
            seconds = wait_of(ask(mcp.basic("olga", "guess")), 60 * minutes)
            assert seconds > 30 * minutes
            db.run("UPDATE mcp_lockout SET locked_until = timezone('UTC', now()) WHERE kind = 'login'")
        # Failures expire with their window. After a quiet day, lockouts start at the shortest time again.
        db.run("UPDATE mcp_lockout SET last_attempt = last_attempt - interval '2 days', locked_until = locked_until"
               " - interval '2 days', window_start = window_start - interval '2 days'")
        assert [ask(mcp.basic("olga", "guess")).status for _ in range(2)] == [401, 401]
        wait_of(ask(mcp.basic("olga", "guess")), 60)


def test_failures_of_an_old_window_do_not_count(db, server, ask):
    with limits(db, lockout_failures=3, lockout_minutes=1):
        assert [ask(wrong_key(1)).status for _ in range(2)] == [401, 401]
        db.run("UPDATE mcp_lockout SET window_start = window_start - interval '1 minute'")
        assert [ask(wrong_key(1)).status for _ in range(3)] == [401, 401, 401]
        wait_of(ask(wrong_key(1)), 60)


def test_an_address_that_tries_many_is_locked_out_but_for_the_keys_it_knows(world, db, server, ask):
    """The address lockout also bounds a flood of invented logins and keys, both in attempts and in audit rows."""
    known, new = world.spare(), world.spare()
    with limits(db, lockout_failures=4):
        # After this, each worker has the key in its cache.
        assert statuses(together(80, 16, lambda _: ask(mcp.bearer(known.key))))[200] >= 60
        forget(db)
        mark, total = db.audit_mark(), db.audit_total()
        # Different names from those that the test of the other door used in the same minute.
        nobody = f"nobody-{server.port}"
        made_up = [
            mcp.basic(f"{nobody}-{number}", "guess") if number % 2 else wrong_key(number) for number in range(200)
        ]
        found = statuses(together(200, 16, lambda number: ask(made_up[number])))
        assert found == {401: 40, 429: 160}
        assert db.audit_total() - total == 200
        # First one row per login, then one per reason and minute.
        assert 1 < len(db.audit_since(mark)) <= 40
        assert db.value("SELECT count(*) FROM mcp_lockout") <= 41
        wait_of(ask(mcp.bearer(new.key)), 900)
        wait_of(ask(mcp.basic("sally", world["sally"].password)), 900)
        assert [ask(mcp.bearer(known.key)).status for _ in range(12)] == [200] * 12
        assert ask(mcp.bearer(new.key), THERE).status == 200
        # The server checks no credential and asks for none.
        assert ask(None).status == 401
        passes(db)
        assert ask(mcp.bearer(new.key)).status == 200


def test_without_lockouts_a_flood_writes_no_row_for_each_login_either(db, server, ask, request):
    mark, total = db.audit_mark(), db.audit_total()
    # An address that the rows of the other door's test have not counted in the same minute.
    address = {"fast": "203.0.113.60", "ordinary": "203.0.113.61"}[request.node.callspec.params["server"]]
    found = statuses(together(60, 8, lambda number: ask(mcp.basic(f"other{number}", "guess"), address)))
    assert found == {401: 60}
    assert db.audit_total() - total == 60
    audit = db.audit_since(mark)
    assert len(audit) <= 2 and {row["login"] for row in audit} == {None}


def test_no_credential_is_no_attempt_and_is_counted_in_one_row(db, server, ask):
    with limits(db, lockout_failures=2):
        mark, total = db.audit_mark(), db.audit_total()
        assert statuses(together(60, 8, lambda _: ask(None, "203.0.113.61"))) == {401: 60}
        assert ask("Negotiate abc").status == 401
        assert rows(db) == {}
        assert db.audit_total() - total == 61
        assert len(db.audit_since(mark)) <= 3


@pytest.mark.parametrize(
    ("first", "second"),
    [("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"), ("::ffff:192.0.2.44", "192.0.2.44")],
    ids=["one site", "mapped"],
)
def test_addresses_of_one_client_count_together(world, db, server, ask, first, second):
    with limits(db, lockout_failures=2):
        assert ask(mcp.basic("tom", "guess"), first).status == 401
        assert ask(mcp.basic("tom", "guess"), second).status == 401
        for address in (first, second):
            wait_of(ask(mcp.basic("tom", world["tom"].key), address), 900)
        assert ask(mcp.basic("tom", world["tom"].key), "2001:db8:1:3::1").status == 200


def test_a_header_that_odoo_does_not_believe_changes_no_address(db, server, environment):
    """A client that forges addresses still counts under its own."""
    with limits(db, lockout_failures=3):
        direct = environment.odoo(DATABASE, name="lockouts-direct", workers=0)
        try:
            for number, port in enumerate([server.port] * 2 + [direct.port] * 2):
                made_up = come_from(f"192.0.2.{number}")
                # Without the forwarded host, the proxied server trusts no header. The direct server never does.
                headers = made_up[:1] if port == server.port else [*made_up, ("Forwarded", f"for=192.0.2.{number}")]
                answer = mcp.Client(port, mcp.basic("sally", "guess"), headers).modern("tools/list")
                assert answer.status == (401 if number < 3 else 429)
            assert {row["address"] for row in rows(db).values()} == {"127.0.0.1"}
            wait_of(mcp.Client(server, mcp.basic("sally", "guess")).modern("tools/list"), 900)
        finally:
            direct.stop()


def test_an_administrator_ends_one(world, db, server, ask):
    right = mcp.basic("sally", world["sally"].password)
    with limits(db, lockout_failures=2):
        for _ in range(2):
            assert ask(mcp.basic("sally", "guess")).status == 401
        wait_of(ask(right), 900)
        odoo = Json2(server, world["admin"].key)
        found = odoo.value("mcp.lockout", "search_read", domain=[["state", "=", "locked"]], fields=["kind", "subject"])
        assert [(one["kind"], one["subject"]) for one in found] == [("login", "sally")]
        assert Json2(server, world["sally"].key).call(
            "mcp.lockout", "action_clear", ids=[found[0]["id"]]).status == 403
        wait_of(ask(right), 900)
        assert odoo.value("mcp.lockout", "action_clear", ids=[found[0]["id"]]) is True
        assert ask(right).status == 200

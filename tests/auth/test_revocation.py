"""Revoking access takes effect on the next request, in every worker and on every open connection.

Each test asks both workers of a preforking server before and after the change. It stops one worker to choose the other,
and confirms the choice by the process id in Odoo's access log. PostgreSQL's statement log shows, by the request's own
User-Agent, which backend ran the gate. Each worker first verifies and caches the credential; after the change, the same
worker and backend must refuse it.
"""

import pytest
from support import mcp, workers
from support.json2 import Json2
from support.logs import Log

DATABASE = "revocation"


@pytest.fixture(scope="module")
def watched(environment, world):
    """A copy of the shared database in which PostgreSQL logs every statement, with a server for each door."""
    db = world.copy(DATABASE)
    environment.sql(f"ALTER DATABASE {DATABASE} SET log_statement = 'all'")
    servers = {}
    for name, variables in (("fast", {}), ("ordinary", {"ODOO_MCP_FAST_DOOR": "0"})):
        servers[name] = environment.odoo(DATABASE, name=f"{DATABASE}-{name}", workers=2, environment=variables)
    yield db, servers
    db.close()
    for server in servers.values():
        assert Log(server.log).trouble() == []
        server.stop()


class Witness:
    """Asks each worker in turn and records who answered."""

    def __init__(self, environment, server, authorization):
        self.server = server
        self.authorization = authorization
        self.odoo = Log(server.log)
        self.postgres = Log(environment.cluster.log)

    def ask(self, pid):
        """One request that only this worker can answer: (status, worker, backends)."""
        probe = workers.probe_name()
        marks = self.odoo.mark(), self.postgres.mark()
        with workers.only(self.server, pid):
            client = mcp.Client(self.server, self.authorization, [("User-Agent", probe)], path=f"/mcp?{probe}")
            status = client.modern("tools/list").status
        worker = workers.worker_that_answered(self.odoo, probe, marks[0])
        return status, worker, workers.backends_that_answered(self.postgres, probe, marks[1])

    def prove(self, before=200):
        """Every worker accepts the credential twice. The second time it uses its cache."""
        seen = {}
        for pid in self.server.worker_pids():
            for _ in range(2):
                status, worker, backends = self.ask(pid)
                assert (status, worker) == (before, pid)
                assert len(backends) == 1, backends
            seen[pid] = backends
        assert len(seen) == 2
        assert len(set.union(*seen.values())) == 2
        return seen

    def refuses(self, seen, after):
        """Every worker refuses the next request on its existing connection."""
        for pid, backends in seen.items():
            assert self.ask(pid) == (after, pid, backends)
        assert self.server.worker_pids() == sorted(seen)


@pytest.fixture(params=["fast", "ordinary"])
def scene(request, environment, watched, world):
    """(database, a maker of witnesses, Odoo's own interface as administrator) of one door."""
    db, servers = watched
    server = servers[request.param]

    def witness(authorization):
        return Witness(environment, server, authorization)

    return db, witness, Json2(server, world["admin"].key)


def _key_of(db, user, key):
    return db.value("SELECT id FROM res_users_apikeys WHERE user_id = %s AND index = %s", user.id, key[:8])


def test_a_removed_key(scene, world):
    db, witness, _odoo = scene
    user = world.spare()
    watching = witness(mcp.bearer(user.key))
    seen = watching.prove()
    assert db.run("DELETE FROM res_users_apikeys WHERE id = %s", _key_of(db, user, user.key)) == 1
    watching.refuses(seen, 401)


def test_an_expired_key(scene, world):
    db, witness, _odoo = scene
    user = world.spare()
    watching = witness(mcp.bearer(user.key))
    seen = watching.prove()
    db.run(
        "UPDATE res_users_apikeys SET expiration_date = (now() AT TIME ZONE 'UTC') - interval '1 second' WHERE id = %s",
        _key_of(db, user, user.key),
    )
    watching.refuses(seen, 401)


def test_a_key_whose_hash_is_another(scene, world):
    """The index stays and the secret changes, so the cached verification no longer counts."""
    db, witness, _odoo = scene
    user, other = world.spare(), world.spare()
    watching = witness(mcp.bearer(user.key))
    seen = watching.prove()
    db.run(
        "UPDATE res_users_apikeys SET key = (SELECT key FROM res_users_apikeys WHERE id = %s) WHERE id = %s",
        _key_of(db, other, other.key),
        _key_of(db, user, user.key),
    )
    watching.refuses(seen, 401)


def test_a_key_of_another_scope_now(scene, world):
    db, witness, _odoo = scene
    user = world.spare()
    watching = witness(mcp.bearer(user.key))
    seen = watching.prove()
    db.run("UPDATE res_users_apikeys SET scope = 'other' WHERE id = %s", _key_of(db, user, user.key))
    watching.refuses(seen, 401)


def test_a_deactivated_user(scene, world):
    _db, witness, odoo = scene
    user = world.spare()
    watching = witness(mcp.bearer(user.key))
    seen = watching.prove()
    assert odoo.value("res.users", "write", ids=[user.id], vals={"active": False}) is True
    watching.refuses(seen, 401)


def test_a_removed_group(scene, world, environment):
    _db, witness, odoo = scene
    user = world.spare()
    watching = witness(mcp.bearer(user.key))
    seen = watching.prove()
    group = odoo.value(
        "ir.model.data",
        "search_read",
        domain=[["module", "=", "odoo_mcp"], ["name", "=", "group_mcp_user"]],
        fields=["res_id"],
    )[0]["res_id"]
    assert odoo.value("res.users", "write", ids=[user.id], vals={"group_ids": [[3, group, 0]]}) is True
    watching.refuses(seen, 403)


def test_a_changed_password(scene, world):
    _db, witness, odoo = scene
    user = world.spare()
    assert odoo.value("res.users", "write", ids=[user.id], vals={"password": "first-Password-1"}) is True
    watching = witness(mcp.basic(user.login, "first-Password-1"))
    seen = watching.prove()
    assert odoo.value("res.users", "write", ids=[user.id], vals={"password": "second-Password-2"}) is True
    watching.refuses(seen, 401)
    assert witness(mcp.basic(user.login, "second-Password-2")).prove().keys() == seen.keys()


def test_a_deactivated_user_with_a_password(scene, world):
    _db, witness, odoo = scene
    user = world.spare()
    assert odoo.value("res.users", "write", ids=[user.id], vals={"password": "first-Password-1"}) is True
    watching = witness(mcp.basic(user.login, "first-Password-1"))
    seen = watching.prove()
    assert odoo.value("res.users", "write", ids=[user.id], vals={"active": False}) is True
    watching.refuses(seen, 401)


def test_two_factor_switched_on(scene, world):
    """The password hash is unchanged, but the password alone no longer suffices."""
    db, witness, odoo = scene
    user = world.spare()
    assert odoo.value("res.users", "write", ids=[user.id], vals={"password": "first-Password-1"}) is True
    watching = witness(mcp.basic(user.login, "first-Password-1"))
    seen = watching.prove()
    db.run("UPDATE res_users SET totp_secret = 'JBSWY3DPEHPK3PXP' WHERE id = %s", user.id)
    watching.refuses(seen, 401)


def test_a_changed_login(scene, world):
    _db, witness, odoo = scene
    user = world.spare()
    watching = witness(mcp.basic(user.login, user.key))
    seen = watching.prove()
    assert odoo.value("res.users", "write", ids=[user.id], vals={"login": user.login + ".new"}) is True
    watching.refuses(seen, 401)


def test_mcp_switched_off(scene, world):
    db, witness, _odoo = scene
    watching = witness(mcp.bearer(world["sally"].key))
    seen = watching.prove()
    with db.parameter("odoo_mcp.enabled", "False"):
        watching.refuses(seen, 503)
    assert watching.prove().keys() == seen.keys()


def test_a_request_is_one_statement_on_a_kept_connection(scene, watched, world, environment):
    """The same backend runs it each time, and nothing resets the session in between."""
    _db, witness, _odoo = scene
    watching = witness(mcp.bearer(world["sally"].key))
    seen = watching.prove()
    for pid, backends in seen.items():
        mark = watching.postgres.mark()
        assert watching.ask(pid) == (200, pid, backends)
        backend = next(iter(backends))
        lines = [line for line in watching.postgres.since(mark).splitlines() if f"[{backend}] odoo@{DATABASE} " in line]
        called = [
            name
            for line in lines
            for name in ("mcp_exchange(", "mcp_continue(", "DISCARD", "SET ", "BEGIN")
            if name in line
        ]
        assert called == ["mcp_exchange("], lines


def test_what_is_given_back_works_on_the_next_request_too(scene, world):
    db, witness, _odoo = scene
    watching = witness(mcp.bearer(world.spare().key))
    user_id = db.value("SELECT user_id FROM res_users_apikeys WHERE index = %s", watching.authorization[7:15])
    seen = watching.prove()
    db.run("UPDATE res_users SET active = false WHERE id = %s", user_id)
    watching.refuses(seen, 401)
    db.run("UPDATE res_users SET active = true WHERE id = %s", user_id)
    assert watching.prove().keys() == seen.keys()

"""Sessions of the handshake versions at both doors: start, expiry, binding and end."""

import pytest
from support import mcp
from support.json2 import Json2


def _session(db, client):
    return db.row("SELECT * FROM mcp_session WHERE session_id = %s", client.session)


def _gone(answer):
    assert answer.status == 404, answer.text
    assert "initialize" in answer.message


def test_initialize_opens_a_session_of_the_user_and_the_key(admin, db, world):
    admin.initialize(client={"name": "Claude Code", "version": "9.8"})
    row = _session(db, admin)
    assert (row["user_id"], row["protocol_version"]) == (world["admin"].id, "2025-11-25")
    assert (row["client_name"], row["client_version"]) == ("Claude Code", "9.8")
    assert row["remote_addr"] == "127.0.0.1"
    key = db.row("SELECT id, user_id FROM res_users_apikeys WHERE id = %s", row["api_key_id"])
    assert key["user_id"] == world["admin"].id
    assert row["closed_at"] is None


def test_two_handshakes_open_two_sessions(admin):
    admin.initialize()
    first = admin.session
    admin.session = None
    admin.initialize()
    assert admin.session != first


def test_a_session_lives_as_long_as_the_setting_says(admin, db):
    with db.parameter("odoo_mcp.session_hours", "2"):
        admin.initialize()
    row = _session(db, admin)
    assert (row["expires_at"] - row["create_date"]).total_seconds() == 2 * 3600


def test_a_shorter_life_counts_for_sessions_that_are_open(admin, db):
    admin.initialize()
    db.run(
        "UPDATE mcp_session SET last_seen = (now() AT TIME ZONE 'UTC') - interval '2 hours' WHERE session_id = %s",
        admin.session,
    )
    with db.parameter("odoo_mcp.session_hours", "2"):
        _gone(admin.legacy("ping"))
    with db.parameter("odoo_mcp.session_hours", "3"):
        assert admin.legacy("ping").status == 200


def test_an_expired_session_is_404_and_a_new_one_works(admin, db):
    admin.initialize()
    assert admin.legacy("ping").status == 200
    db.run(
        "UPDATE mcp_session SET expires_at = (now() AT TIME ZONE 'UTC') - interval '1 second' WHERE session_id = %s",
        admin.session,
    )
    _gone(admin.legacy("ping"))
    _gone(admin.legacy("tools/call", {"name": "count", "arguments": {"model": "res.company"}}))
    admin.session = None
    admin.initialize()
    assert admin.legacy("ping").status == 200


def test_use_prolongs_a_session(admin, db):
    """The server writes at most once a minute. The test sets the last use to two minutes ago."""
    admin.initialize()
    db.run(
        "UPDATE mcp_session SET last_seen = last_seen - interval '2 minutes',"
        " expires_at = expires_at - interval '2 minutes'"
        " WHERE session_id = %s",
        admin.session,
    )
    before = _session(db, admin)
    assert admin.legacy("ping").status == 200
    after = _session(db, admin)
    assert (after["expires_at"] - before["expires_at"]).total_seconds() >= 119
    assert after["last_seen"] > before["last_seen"]


def test_a_session_seen_just_now_is_not_written_again(admin, db):
    admin.initialize()
    before = db.value("SELECT xmin::text FROM mcp_session WHERE session_id = %s", admin.session)
    for _ in range(3):
        assert admin.legacy("ping").status == 200
    assert db.value("SELECT xmin::text FROM mcp_session WHERE session_id = %s", admin.session) == before


def test_delete_ends_a_session(admin, db):
    admin.initialize()
    answer = admin.send(method="DELETE")
    assert answer.status in (200, 204)
    assert answer.body == b""
    assert _session(db, admin)["closed_at"] is not None
    _gone(admin.legacy("ping"))
    assert admin.send(method="DELETE").status == 404


def test_delete_of_an_unknown_session_is_404(admin):
    assert (
        admin.send(method="DELETE", headers=[("Mcp-Session-Id", "11111111-2222-3333-4444-555555555555")]).status == 404
    )


def test_delete_without_a_session_is_a_bad_request(admin):
    assert admin.send(method="DELETE").status in (400, 404, 405)


@pytest.mark.parametrize(
    "session",
    ["no-such-session", "x" * 5000, "'; --", "\u00e9".encode("latin-1"), "00000000-0000-0000-0000-000000000000"],
)
def test_an_unknown_session_is_404(admin, session):
    answer = admin.legacy("ping", headers=[("Mcp-Session-Id", session)])
    assert answer.status == (400 if isinstance(session, bytes) else 404)


def test_another_users_session_is_404_and_lives_on(admin, sally):
    admin.initialize()
    stolen = [("Mcp-Session-Id", admin.session)]
    _gone(sally.legacy("ping", headers=stolen))
    assert sally.send(method="DELETE", headers=stolen).status == 404
    assert admin.legacy("ping").status == 200


def test_a_session_belongs_to_its_key(admin, world, door):
    """Another key of the same user, and the password, do not fit the session."""
    admin.initialize()
    stolen = [("Mcp-Session-Id", admin.session)]
    _gone(world.client(door, "admin", "none").legacy("ping", headers=stolen))
    _gone(mcp.Client(door, mcp.basic("admin", world["admin"].password)).legacy("ping", headers=stolen))


def test_a_session_of_a_password_belongs_to_the_password(world, door, db):
    client = mcp.Client(door, mcp.basic("sally", world["sally"].password))
    client.initialize()
    assert _session(db, client)["api_key_id"] is None
    assert client.legacy("ping").status == 200
    _gone(world.client(door, "sally").legacy("ping", headers=[("Mcp-Session-Id", client.session)]))


def test_a_client_that_loses_the_session_header_is_served(admin):
    admin.initialize()
    admin.session = None
    assert admin.legacy("tools/list").status == 200


def test_a_lost_session_header_is_400_where_sessions_are_required(admin, db):
    with db.parameter("odoo_mcp.require_session", "True"):
        admin.initialize()
        assert admin.legacy("ping").status == 200
        admin.session = None
        answer = admin.legacy("tools/list")
        assert answer.status == 400
        assert "Mcp-Session-Id" in answer.message
        # The stateless version has no sessions to require.
        admin.version = None
        assert admin.modern("tools/list").status == 200


def test_initialize_within_a_living_session_is_served(admin):
    """A client that reconnects sends the old header."""
    admin.initialize()
    assert admin.initialize().status == 200


def test_a_session_works_through_both_doors(world, db, fast_server, ordinary_server):
    first = world.client(fast_server)
    first.initialize()
    second = world.client(ordinary_server)
    second.session, second.version = first.session, first.version
    assert second.legacy("ping").status == 200
    assert second.send(method="DELETE").status in (200, 204)
    _gone(first.legacy("ping"))


def test_an_administrator_closes_a_session_in_odoo(admin, db, world, door):
    admin.initialize()
    number = _session(db, admin)["id"]
    assert world.json2(door).value("mcp.session", "action_close", ids=[number]) is True
    _gone(admin.legacy("ping"))


def test_users_see_their_own_sessions_and_never_the_ids(world, door):
    client = world.client(door, "sally")
    client.initialize()
    world.client(door, "admin").initialize()
    mine = Json2(door, world["sally"].key)
    rows = mine.value("mcp.session", "search_read", domain=[], fields=["user_id"])
    assert rows
    assert {row["user_id"][0] for row in rows} == {world["sally"].id}
    assert mine.call("mcp.session", "search_read", domain=[], fields=["session_id"]).status == 403


def test_maintenance_forgets_sessions_that_are_over(admin, db):
    admin.initialize()
    db.run(
        "UPDATE mcp_session SET expires_at = now() - interval '400 days', last_seen = now() - interval '400 days',"
        " create_date = now() - interval '400 days' WHERE session_id = %s",
        admin.session,
    )
    living = mcp.Client(admin.port, admin.authorization)
    living.initialize()
    db.run("SELECT public.mcp_maintain()")
    assert db.value("SELECT count(*) FROM mcp_session WHERE session_id = %s", admin.session) == 0
    assert living.legacy("ping").status == 200

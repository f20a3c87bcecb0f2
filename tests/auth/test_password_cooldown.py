"""Odoo's own cooldown after wrong passwords, per address: it locks nobody out and causes no error."""

import pytest
from support import mcp
from support.logs import Log
from support.workers import wait_for

DATABASE = "cooldown"
AFTER = 3


@pytest.fixture(scope="module")
def paused(world, environment):
    """A database where Odoo's cooldown starts after three wrong passwords, and lockouts are on. Odoo counts failures
    per process."""
    db = world.copy(DATABASE)
    db.run("UPDATE ir_config_parameter SET value = %s WHERE key = 'base.login_cooldown_after'", str(AFTER))
    db.run("UPDATE ir_config_parameter SET value = '10' WHERE key = 'odoo_mcp.lockout_failures'")
    yield db
    db.close()


@pytest.fixture(params=["fast", "ordinary"])
def server(request, environment, paused):
    """A server with one process, which has seen no wrong password yet."""
    variables = {} if request.param == "fast" else {"ODOO_MCP_FAST_DOOR": "0"}
    started = environment.odoo(DATABASE, name=f"{DATABASE}-{request.param}", workers=0, environment=variables)
    yield started
    started.stop()
    paused.run("DELETE FROM mcp_lockout")


def test_made_up_logins_lock_nobody_out(world, paused, server):
    for number in range(AFTER):
        guess = mcp.Client(server, mcp.basic(f"nobody{number}", "wrong"))
        assert guess.modern("tools/list").status == 401
    sally = mcp.Client(server, mcp.basic("sally", world["sally"].password))
    for _ in range(12):
        answer = sally.modern("tools/list")
        assert answer.status == 429
        assert 1 <= int(answer.header("Retry-After")) <= 60
        assert "API key" in answer.text
    # The attempts were given back: they count as failures neither of the login nor of the address.
    failures = {row["subject"]: row["failures"] for row in paused.rows("SELECT subject, failures FROM mcp_lockout")}
    assert failures == {"": AFTER, **{f"nobody{number}": 1 for number in range(AFTER)}}
    # A key needs no password check.
    assert world.client(server, "sally").modern("tools/list").status == 200
    assert not Log(server.log).trouble(allowed=[])


def test_the_right_password_works_when_the_pause_is_over(world, paused, server):
    paused.run(
        "INSERT INTO ir_config_parameter (key, value) VALUES ('base.login_cooldown_duration', '1')"
        " ON CONFLICT (key) DO UPDATE SET value = '1'"
    )
    server.restart()
    for number in range(AFTER):
        guess = mcp.Client(server, mcp.basic(f"somebody{number}", "wrong"))
        assert guess.modern("tools/list").status == 401
    sally = mcp.Client(server, mcp.basic("sally", world["sally"].password))
    answers = [sally.modern("tools/list").status for _ in range(2)]
    assert set(answers) <= {200, 429}
    wait_for(lambda: sally.modern("tools/list").status == 200)
    assert paused.value("SELECT count(*) FROM mcp_lockout WHERE subject = 'sally'") == 0

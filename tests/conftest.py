"""One cluster, one shared database and two servers of it for a whole process: the fast door and the ordinary route.

Several processes run side by side (pytest-xdist), each with its own.
"""

import contextlib
import os
import signal

import pytest
from support import sample, summary
from support.browser import ITS_TROUBLE
from support.logs import Log
from support.outputs import OUTPUTS
from support.policy import Restrictions
from support.world import make_world

from harness import Environment

# Errors in the servers' logs that tests provoke on purpose; each test that does adds its pattern.
PROVOKED = [*ITS_TROUBLE]


@pytest.fixture(scope="session")
def environment():
    """The harness's environment: a running cluster with the extension, one for each process."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    name = os.environ.get("ODOO_MCP_INSTANCE", "test")
    with Environment(f"{name}-{worker}" if worker else name) as opened:
        yield opened


@pytest.fixture(scope="session")
def world(environment):
    """The shared database. Tests leave its records as they found them, or use ones of their own."""
    made = make_world(environment)
    yield made
    made.db.close()


@pytest.fixture(scope="session")
def db(world):
    """SQL on the shared database, as the role Odoo uses."""
    return world.db


def _served(environment, world, name, variables):
    server = environment.odoo(world.name, name=name, workers=2, environment=variables)
    # What it lists is what the results of all tests are held against.
    world.client(server).tools()
    yield server
    # Whatever the tests did, nothing unexpected may stand in the log.
    trouble = Log(server.log).trouble(allowed=PROVOKED)
    server.stop()
    assert not trouble, trouble[:3]


@pytest.fixture(scope="session")
def fast_server(environment, world):
    """A preforking Odoo with two workers and the fast door open."""
    yield from _served(environment, world, "fast", {})


@pytest.fixture(scope="session")
def ordinary_server(environment, world):
    """The same database through Odoo's ordinary route."""
    yield from _served(environment, world, "ordinary", {"ODOO_MCP_FAST_DOOR": "0"})


@pytest.fixture(params=["fast", "ordinary"])
def door(request):
    """The server behind each door in turn."""
    return request.getfixturevalue(f"{request.param}_server")


@pytest.fixture
def admin(world, door):
    """The administrator's client."""
    return world.client(door)


@pytest.fixture
def sally(world, door):
    """A salesperson's client: own documents only."""
    return world.client(door, "sally")


@pytest.fixture
def restrict(db):
    """Makes restrictions for the length of a block."""
    return Restrictions(db)


@pytest.fixture(scope="module")
def opened(world, request):
    """Closed models are open that the module's OPENED names (% for any letters), by records that refuse nothing."""
    with contextlib.ExitStack() as stack:
        named = "SELECT model FROM ir_model WHERE model LIKE ANY(%s) ORDER BY id"
        for row in world.db.rows(named, request.module.OPENED):
            stack.enter_context(Restrictions(world.db).access(row["model"]))
        yield


@pytest.fixture
def provoke():
    """Announce an error that the test provokes in a server's log: a pattern over `logger: text`."""
    return PROVOKED.append


@pytest.fixture(scope="session", autouse=True)
def _outputs():
    """At the end, the results of servers that never listed their tools."""
    yield
    OUTPUTS.finish()


# Files about what the doors do themselves: bytes, headers, cursors, threads. Everything in them runs at both doors.
# Other files are about the core, which both doors ask the same: each runs at one of them, the day's.
ABOUT_DOORS = (
    "test_authentication.py",
    "test_cancel.py",
    "test_http_rules.py",
    "test_sessions.py",
    "test_two_doors.py",
    "test_two_doors_databases.py",
    "test_two_doors_trouble.py",
)


# The longest files, so that none of them is the last that everybody waits for.
LONG = (
    "test_policy_bypass.py",
    "test_equality.py",
    "test_policy_changes.py",
    "test_database_copies.py",
    "test_bench.py",
    "test_aggregate.py",
    "test_clients.py",
    "test_time_zones.py",
    "test_policy_browser.py",
    "test_limits_lockouts.py",
    "test_secrets.py",
    "test_two_doors_databases.py",
    "test_dry_run.py",
    "test_search_pages.py",
    "test_database_lifecycle.py",
)


def pytest_configure(config):
    """The sample is chosen once, before other processes start; what they show in the end is collected.

    Told to end, this process ends as by Ctrl-C: its workers then stop their servers.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sample.chosen()
    config.pluginmanager.register(summary.Collector(), "summary-collector")


def pytest_collection_modifyitems(config, items):
    """The longest files first; of the tests that run at both doors alike, one of the two."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))
    if sample.whole():
        return
    kept, left = [], []
    for item in items:
        door = getattr(item, "callspec", None) and item.callspec.params.get("door")
        other = door and item.path.name not in ABOUT_DOORS and door not in sample.doors(item.path.name)
        (left if other else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def pytest_sessionfinish(session):
    """A process that ran a part of the tests hands what it has to show to the one that prints."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["summary"] = summary.parts()


def pytest_terminal_summary(terminalreporter):
    """What tests have to show besides having passed."""
    for title, text in summary.parts():
        terminalreporter.section(title)
        terminalreporter.write_line(text)
    terminalreporter.write_line(
        f"\nsample {sample.chosen()}: {sample.VARIABLE}={sample.chosen()} repeats it, and"
        f" {sample.VARIABLE}={sample.ALL} is everything"
    )

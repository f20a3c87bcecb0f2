"""One cluster, one shared database and two servers for the whole process: the fast path and the ordinary route.

pytest-xdist runs several processes in parallel. Each has its own cluster.
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

# Errors that tests provoke on purpose in the servers' logs. Each such test adds its own pattern.
PROVOKED = [*ITS_TROUBLE]


@pytest.fixture(scope="session")
def environment():
    """The harness's environment: a running cluster with the extension, one per process."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    name = os.environ.get("ODOO_MCP_INSTANCE", "test")
    with Environment(f"{name}-{worker}" if worker else name) as opened:
        yield opened


@pytest.fixture(scope="session")
def world(environment):
    """The shared database. A test restores the records it changes, or uses records of its own."""
    made = make_world(environment)
    yield made
    made.db.close()


@pytest.fixture(scope="session")
def db(world):
    """SQL on the shared database, with Odoo's database role."""
    return world.db


def _served(environment, world, name, variables):
    server = environment.odoo(world.name, name=name, workers=2, environment=variables)
    # The tests validate all results against the output schemas in this list.
    world.client(server).tools()
    yield server
    # No test may leave an unexpected error in the log.
    trouble = Log(server.log).trouble(allowed=PROVOKED)
    server.stop()
    assert not trouble, trouble[:3]


@pytest.fixture(scope="session")
def fast_server(environment, world):
    """A preforking Odoo with two workers and the fast path switched on."""
    yield from _served(environment, world, "fast", {})


@pytest.fixture(scope="session")
def ordinary_server(environment, world):
    """A server that serves the same database through Odoo's ordinary route."""
    yield from _served(environment, world, "ordinary", {"ODOO_MCP_FAST_DOOR": "0"})


@pytest.fixture(params=["fast", "ordinary"])
def door(request):
    """The server of each entry point (`fast`, `ordinary`), one after the other."""
    return request.getfixturevalue(f"{request.param}_server")


@pytest.fixture
def admin(world, door):
    """The administrator's client."""
    return world.client(door)


@pytest.fixture
def sally(world, door):
    """The client of a salesperson, who sees only her own documents."""
    return world.client(door, "sally")


@pytest.fixture
def restrict(db):
    """Creates restrictions that end with the block."""
    return Restrictions(db)


@pytest.fixture(scope="module")
def opened(world, request):
    """Opens the closed models in the module's OPENED (% is a wildcard) with access records that restrict nothing."""
    with contextlib.ExitStack() as stack:
        named = "SELECT model FROM ir_model WHERE model LIKE ANY(%s) ORDER BY id"
        for row in world.db.rows(named, request.module.OPENED):
            stack.enter_context(Restrictions(world.db).access(row["model"]))
        yield


@pytest.fixture(scope="module")
def shown(request):
    """Prints in spite of pytest's capture."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(text):
        with capture.global_and_fixture_disabled():
            print(f"\n    {text}", flush=True)

    return say


@pytest.fixture
def provoke():
    """Registers an error that the test provokes in a server's log, as a pattern over `logger: text`."""
    return PROVOKED.append


@pytest.fixture(scope="session", autouse=True)
def _outputs():
    """At the end of the run, checks the results of servers that never listed their tools."""
    yield
    OUTPUTS.finish()


# These files test the entry points themselves: bytes, headers, cursors, threads. Their tests run at both entry points.
# The other files test the core, which behaves the same behind both: each file runs at one entry point, chosen by the
# day.
ABOUT_DOORS = (
    "test_authentication.py",
    "test_cancel.py",
    "test_http_rules.py",
    "test_sessions.py",
    "test_entry_points.py",
    "test_entry_points_databases.py",
    "test_entry_points_failures.py",
)


# The longest files. They start first, so that the run does not end with one long file on a single process.
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
    "test_entry_points_databases.py",
    "test_dry_run.py",
    "test_search_pages.py",
    "test_database_lifecycle.py",
)


def pytest_configure(config):
    """Chooses the sample once, before the other processes start, and collects what they report at the end.

    SIGTERM ends this process like Ctrl-C, so that its workers stop their servers.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sample.chosen()
    config.pluginmanager.register(summary.Collector(), "summary-collector")


def pytest_collection_modifyitems(config, items):
    """Orders the longest files first. Keeps one of the two entry points for the tests of the core."""
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
    """A worker process passes its report to the process that prints the summary."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["summary"] = summary.parts()


def pytest_terminal_summary(terminalreporter):
    """Prints what the tests report besides passing."""
    for title, text in summary.parts():
        terminalreporter.section(title)
        terminalreporter.write_line(text)
    terminalreporter.write_line(
        f"\nsample {sample.chosen()}: {sample.VARIABLE}={sample.chosen()} repeats it, and"
        f" {sample.VARIABLE}={sample.ALL} is everything"
    )

"""The environment: one durable cluster, two Odoo servers with two workers each (one per door), and the other
servers."""

import contextlib
import os
import threading
from dataclasses import dataclass

from support import http
from support.database import Database

from harness import Failure
from harness.paths import CHECKOUT

from . import load, rows, sizes
from .peers import peers

ADDONS = CHECKOUT / "tests" / "bench" / "addons"
DATABASE = "bench"
LOGIN = "admin"


@dataclass(frozen=True)
class Setup:
    """The configuration of the Odoo servers, and the rows to measure there."""

    options: dict
    workers: int = 2
    doors: tuple = ("fast", "ordinary")
    clients: tuple = (1, 8, 32)
    with_peers: bool = True


SETUPS = {
    "without dbfilter": Setup({"database": DATABASE}),
    "with dbfilter": Setup({"dbfilter": f"^{DATABASE}$"}),
    # With two workers for two cores, a core is idle while a request waits for the disk.
    "as many workers as Odoo advises": Setup(
        {"database": DATABASE}, workers=2 * os.cpu_count() + 1, doors=("fast",), clients=(8, 32), with_peers=False),
}

# Enough parallel clients to reach every worker: without `-d` a worker's first request loads the registry.
_WARM_CLIENTS = 16


def prepare(environment):
    """The database with an API key and the partners that every search must find. Returns the data that the rows
    need."""
    environment.fresh_database(DATABASE, "plain")
    # The limits are active but too high to matter, because the benchmark measures the cost of an answer.
    limits = {"rate_per_minute": 1_000_000, "rate_burst": 1_000_000, "max_concurrent": 10_000}
    for name, value in limits.items():
        environment.sql(
            f"INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.{name}', '{value}')", DATABASE, "odoo")
    key = environment.make_key(DATABASE, LOGIN)
    ids = [int(number) for number in environment.sql(
        f"SELECT id FROM res_partner WHERE active ORDER BY id LIMIT {rows.LIMIT}", DATABASE).split()]
    if len(ids) < rows.LIMIT:
        raise Failure(f"the demo data has only {len(ids)} partners, the benchmark wants {rows.LIMIT}")
    # The searches must not include records of the create rows.
    return key, [["id", "<=", ids[-1]]], ids


@contextlib.contextmanager
def servers(environment, setup, key):
    """Starts an Odoo server for each door and the other MCP servers. Yields the ports by door, and the other
    servers."""
    with contextlib.ExitStack() as running:
        ports = {}
        for door in setup.doors:
            variables = {} if door == "fast" else {"ODOO_MCP_FAST_DOOR": "0"}
            server = environment.odoo(
                name=f"bench-{door}", workers=setup.workers, environment=variables, extra_addons=[ADDONS],
                options={"server_wide_modules": "base,rpc,web,odoo_mcp_bench"}, **setup.options)
            running.callback(server.stop)
            ports[door] = server.port
            _load_registries(server)
        others = peers() if setup.with_peers else []
        for peer in others:
            running.callback(peer.stop)
            peer.start(f"http://127.0.0.1:{ports['fast']}", DATABASE, LOGIN, key)
        yield ports, others


def _load_registries(server):
    _together(server.port, http.request_bytes("GET", "/web/login", [("Host", f"127.0.0.1:{server.port}")]), 2)


def _together(port, request, count):
    def ask():
        for _ in range(count):
            load.fetch(port, request)

    threads = [threading.Thread(target=ask) for _ in range(_WARM_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bytes_for_models(environment, port, key, others):
    """The bytes that models read in the answers to ten questions: `sizes.measure`."""
    database = Database(environment.dsn(DATABASE))
    try:
        return sizes.measure(database, port, key, others)
    finally:
        database.close()


def all_rows(ports, others, key, domain, ids):
    """Every row of one setup, warmed up and verified."""
    made = rows.odoo_rows(ports["fast"], key, domain, ids)
    for door, port in ports.items():
        made += rows.mcp_rows(door, port, key, domain, ids)
    made += [rows.peer_row(peer, domain, ids) for peer in others]
    return made


def warm_up(environment, made, count):
    """Runs each row, verifies the answer and its door, and returns the sizes of the answers' bodies."""
    database = Database(environment.dsn(DATABASE))
    sizes = {}
    try:
        for row in made:
            _together(row.port, row.request, max(count // _WARM_CLIENTS, 1))
            mark = database.audit_mark()
            answer = http.parse(load.fetch(row.port, row.request))
            if answer.status != 200:
                raise load.Refused(f"{row.name}: HTTP {answer.status} {answer.text[:600]}")
            try:
                row.check(answer)
            except (AssertionError, KeyError, TypeError, ValueError) as error:
                raise load.Refused(f"{row.name}: not the expected answer: {error!r}\n{answer.text[:600]}") from error
            sizes[row.name] = len(answer.body)
            if row.door:
                doors = {entry["door"] for entry in database.audit_since(mark)}
                if doors != {row.door}:
                    raise load.Refused(f"{row.name}: came by {doors or 'no door'}")
    finally:
        database.close()
    return sizes

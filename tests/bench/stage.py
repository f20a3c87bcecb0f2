"""Where it is measured: one durable cluster, two Odoo servers of two workers (one per door), the other servers."""

import contextlib
import threading

from support import http
from support.database import Database

from harness import Failure
from harness.paths import CHECKOUT

from . import load, rows, sizes
from .peers import peers

ADDONS = CHECKOUT / "tests" / "bench" / "addons"
DATABASE = "bench"
WORKERS = 2
LOGIN = "admin"
SETUPS = {"without dbfilter": {"database": DATABASE}, "with dbfilter": {"dbfilter": f"^{DATABASE}$"}}

# Enough at once that every worker gets some: without `-d` a worker's first request loads the registry.
_WARM_CLIENTS = 16


def prepare(environment):
    """The database with an API key and the partners that every search must find; returns what the rows need."""
    environment.fresh_database(DATABASE, "plain")
    # Limits count like everywhere, but nobody shall meet them: what is measured is what an answer costs.
    limits = {"rate_per_minute": 1_000_000, "rate_burst": 1_000_000, "max_concurrent": 10_000}
    for name, value in limits.items():
        environment.sql(
            f"INSERT INTO ir_config_parameter (key, value) VALUES ('odoo_mcp.{name}', '{value}')", DATABASE, "odoo")
    key = environment.make_key(DATABASE, LOGIN)
    ids = [int(number) for number in environment.sql(
        f"SELECT id FROM res_partner WHERE active ORDER BY id LIMIT {rows.LIMIT}", DATABASE).split()]
    if len(ids) < rows.LIMIT:
        raise Failure(f"the demo data has only {len(ids)} partners, the benchmark wants {rows.LIMIT}")
    # What the create rows add must not come into the searches.
    return key, [["id", "<=", ids[-1]]], ids


@contextlib.contextmanager
def servers(environment, setup, key):
    """Both Odoo servers and the other MCP servers, running; gives their ports by name."""
    with contextlib.ExitStack() as running:
        ports = {}
        for door, variables in (("fast", {}), ("ordinary", {"ODOO_MCP_FAST_DOOR": "0"})):
            server = environment.odoo(
                name=f"bench-{door}", workers=WORKERS, environment=variables, extra_addons=[ADDONS],
                options={"server_wide_modules": "base,rpc,web,odoo_mcp_bench"}, **SETUPS[setup])
            running.callback(server.stop)
            ports[door] = server.port
            _load_registries(server)
        others = peers()
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
    """What models read of the answers to ten questions: `sizes.measure`."""
    database = Database(environment.dsn(DATABASE))
    try:
        return sizes.measure(database, port, key, others)
    finally:
        database.close()


def all_rows(ports, others, key, domain, ids):
    """Every row of one set-up, each asked often enough that nothing is cold and checked to be the right answer."""
    made = rows.odoo_rows(ports["fast"], key, domain, ids)
    for door in ("fast", "ordinary"):
        made += rows.mcp_rows(door, ports[door], key, domain, ids)
    made += [rows.peer_row(peer, domain, ids) for peer in others]
    return made


def warm_up(environment, made, count):
    """Ask each row, verify the answer, see that it came by its door; returns the answers' body sizes."""
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

"""A real PostgreSQL with the extension and a real Odoo with the addon, for tests, benchmarks and the demo.

For a conftest or a script (Python 3.11, standard library only; put `tests` on the path):

    from harness import Environment, Failure

    with Environment() as environment:            # installs, builds and starts what is missing
        name = environment.fresh_database("mine")          # a copy of the finished database, about 1 s
        people = environment.make_people(name, {"sue": {"groups": ["base.group_user"]}})
        server = environment.odoo(name, workers=2)         # a real server on loopback
        server.url, server.worker_pids(), server.log_text()
        people["sue"]["key"]                               # an API key made by Odoo itself
        environment.shell(name, "result = env['res.partner'].search_count([])")
        environment.sql("SELECT 1", name), environment.dsn(name)

Environment(name, with_extension=True, settings={})     name: the cluster (ODOO_MCP_INSTANCE, else "test")
    .cluster                     Cluster: .host .port .log .dsn(db, role) .sql(...) .restart() .crash() .postmaster()
    .fresh_database(name, source="addon"|"plain"|"base"|database)   .drop_database(name)
    .odoo(database=None, name=, dbfilter=, workers=2, port=, proxy_mode=, options={}, environment={}, extra_addons=[])
                                 OdooServer: .url .port .pid .worker_pids() .log_text() .stop() .start() .restart()
    .shell(database, code)       Python with `env`; commits; returns `result`
    .install(database, modules)  .update(database, modules)  .run_odoo(command, database, *arguments)
    .make_people(database, {login: {...}})   .make_key(database, login, scope, days)
    .sql(statement, database, role)          .dsn(database, role)

A second cluster, for instance one whose server lacks the extension's files: another Environment with another
name and `with_extension=False`. Servers log to build/logs, a cluster to <cluster.log>.
"""

from .console import Failure
from .environment import Environment

__all__ = ["Environment", "Failure"]

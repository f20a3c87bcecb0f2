"""The central object of tests and demo: cluster, databases, Odoo servers, users and keys."""

import concurrent.futures
import contextlib
import json
import os
import secrets
import signal

from . import extension, odoo_server, odoo_tree, prerequisites, template
from .cluster import Cluster
from .odoo_server import OdooServer
from .paths import TEST_ADDONS


def set_up(with_extension=True, with_addon=True):
    """Builds what a cluster needs: the extension's packaged tree and the stopped cluster to copy. Returns both.

    The extension compiles while Odoo is downloaded and creates its demo database.
    """
    with concurrent.futures.ThreadPoolExecutor() as side:
        building = side.submit(extension.build) if with_extension else None
        odoo_tree.ensure_odoo()
        origin = template.base_cluster()
        built = building.result() if building else None
    return built, template.addon_cluster(built) if with_addon else origin


class Environment:
    """A running cluster with the built extension and a template database. Closing it stops everything.

    It is a context manager. `name` selects the cluster: two users or runs that must not disturb each other use two
    names (ODOO_MCP_INSTANCE changes the default). `settings` are additional lines of the PostgreSQL configuration, e.g.
    {"log_statement": "all"}. With `with_extension` false, the server has no access to the extension's files. With
    `with_addon` false, the cluster initially contains only the demo database.
    """

    def __init__(self, name=None, *, with_extension=True, with_addon=True, settings=None):
        self.name = name or os.environ.get("ODOO_MCP_INSTANCE", "test")
        self.with_extension = with_extension
        self.with_addon = with_addon and with_extension
        self.settings = settings
        self.cluster = None
        self._closing = contextlib.ExitStack()

    # -- lifecycle ------------------------------------------------------------------------------

    def open(self):
        """Creates what is missing (installing and building as needed), then starts the cluster."""
        # A terminated run must still stop its servers.
        with contextlib.suppress(ValueError):  # not in the main thread
            # Like Ctrl-C. pytest would treat SystemExit as the failure of one test and continue.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        prerequisites.ensure()
        built, origin = set_up(self.with_extension, self.with_addon)
        self.cluster = Cluster(self.name, copy_of=origin, extension=built, settings=self.settings)
        self.cluster.start()
        self._closing.callback(self.cluster.stop, lambda: odoo_server.stop_leftovers(self.cluster))
        return self

    def close(self):
        """Stops every Odoo and every cluster that this object started."""
        self._closing.close()

    def __enter__(self):
        return self.open()

    def __exit__(self, *_):
        self.close()

    # -- databases ------------------------------------------------------------------------------

    def fresh_database(self, name, source="addon"):
        """Creates a database in about a second, replacing one with the same name. Returns the name.

        `source`: "addon" (demo data, our addon and the test addons), "plain" (without the test addons), "base" (demo
        data without our addon) or the name of any database of the cluster.
        """
        known = {
            "addon": lambda: template.addon_database(self.cluster),
            "plain": lambda: template.addon_database(self.cluster, with_test_addons=False),
            "base": lambda: template.BASE_DATABASE,
        }
        self.cluster.clone_database(known[source]() if source in known else source, name)
        template.give_new_identity(self.cluster, name)
        return name

    def drop_database(self, name):
        """Drop a database and its filestore."""
        self.cluster.drop_database(name)

    def sql(self, statement, database="postgres", role="postgres"):
        """Run SQL through psql; rows as text."""
        return self.cluster.sql(statement, database, role)

    def dsn(self, database="postgres", role="odoo"):
        """A libpq connection string, for psycopg2."""
        return self.cluster.dsn(database, role)

    # -- Odoo -----------------------------------------------------------------------------------

    def odoo(self, database=None, **options):
        """Starts an Odoo server (arguments as for `OdooServer`), which stops when this environment closes.

        Variables such as ODOO_MCP_FAST_DOOR=0 go into `environment={...}`.
        """
        options.setdefault("name", database or "odoo")
        options.setdefault("extra_addons", [TEST_ADDONS])
        server = OdooServer(self.cluster, database=database, **options)
        server.start()
        self._closing.callback(server.stop)
        return server

    def shell(self, database, code, **more):
        """Run a Python snippet with `env` in Odoo's shell, commit, return the JSON value it left in `result`."""
        return odoo_server.shell(self.cluster, database, code, **more)

    def install(self, database, modules, *arguments, **more):
        """Install modules (comma-separated) into a database, creating it when it does not exist."""
        return odoo_server.install(self.cluster, database, modules, *arguments, **more)

    def update(self, database, modules, *arguments, **more):
        """Update modules of a database."""
        return odoo_server.update(self.cluster, database, modules, *arguments, **more)

    def run_odoo(self, command, database, *arguments, **more):
        """Run any other Odoo command on a database to its end, e.g. `neutralize`."""
        return odoo_server.odoo(self.cluster, command, database, *arguments, **more)

    # -- users and keys -------------------------------------------------------------------------

    def make_people(self, database, people):
        """Creates or changes several users in one run. Returns {login: {"id", "password", "key"}}.

        `people` is {login: {"name", "groups": [external ids], "company": external id or id, "companies": [...],
        "password", "key_scope": "rpc" (None: no key), "key_days": 1, "values": {...}}}. Every part is optional.
        `groups` replaces the groups; a user without any gets `base.group_user`.
        """
        wanted = {}
        for login, person in people.items():
            wanted[login] = {
                "name": login,
                "groups": ["base.group_user"],
                "key_scope": "rpc",
                "key_days": 1,
                "password": secrets.token_urlsafe(12),
                "values": {},
                **person,
            }
        made = self.shell(database, _MAKE_PEOPLE.format(people=json.dumps(json.dumps(wanted))))
        return {login: {**facts, "password": wanted[login]["password"]} for login, facts in made.items()}

    def make_key(self, database, login, scope="rpc", days=1, name="test"):
        """An API key for an existing user, created by Odoo itself. With `days` None it never expires."""
        return self.shell(database, _MAKE_KEY.format(login=login, scope=scope, days=days, name=name))


_MAKE_KEY = """
import datetime
user = env['res.users'].search([('login', '=', {login!r})])
days = {days!r}
end = datetime.datetime.now() + datetime.timedelta(days=days) if days else None
result = env['res.users.apikeys'].with_user(user).sudo()._generate({scope!r}, {name!r}, end)
"""

_MAKE_PEOPLE = """
import datetime, json
result = {{}}
def found(reference):
    return env.ref(reference).id if isinstance(reference, str) else reference
for login, person in json.loads({people}).items():
    values = dict(person['values'], name=person['name'], password=person['password'])
    values['group_ids'] = [(6, 0, [found(group) for group in person['groups']])]
    if person.get('company'):
        values['company_id'] = found(person['company'])
        values['company_ids'] = [(6, 0, [found(c) for c in person.get('companies', [person['company']])])]
    user = env['res.users'].with_context(active_test=False, no_reset_password=True).search([('login', '=', login)])
    if user:
        user.write(values)
    else:
        user = env['res.users'].with_context(no_reset_password=True).create(dict(values, login=login))
    key = None
    if person['key_scope']:
        end = datetime.datetime.now() + datetime.timedelta(days=person['key_days'])
        keys = env['res.users.apikeys'].with_user(user).sudo()
        key = keys._generate(person['key_scope'], 'made by a test', end)
    result[login] = {{'id': user.id, 'key': key}}
"""

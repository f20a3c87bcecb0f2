"""Template databases of Odoo: a run starts from a copy in about a second.

There are two stopped clusters. Other clusters start as copies of their data directories. The base cluster contains a
database with Odoo's demo data and without our addon. The addon cluster is a copy of the base cluster with two more
databases: one with our addon, and one with our addon and the test addons. A change of the addon or the extension
rebuilds these two databases.
"""

import hashlib
import json
import os

from . import odoo_tree
from .cluster import Cluster
from .console import step
from .odoo_server import install, shell
from .paths import ADDONS, CHECKOUT, LOGS, RUN, TEST_ADDONS, directory, one_at_a_time
from .prerequisites import postgresql_major

BASE_DATABASE = "odoo_base"
# Test addons that only some tests install. All other tests would see their records.
APART = ("odoo_mcp_conformance",)
MODULES = "base,web,contacts,crm,sale_management,stock,account,purchase,project,hr,rpc"
# The assets of the login page and the web client. Odoo would compile them for the first page, which then loads late, or
# stays empty when another worker gets a request for the same file meanwhile.
COMPILED = ("web.assets_frontend", "web.assets_frontend_minimal", "web.assets_frontend_lazy", "web.assets_web")
COMPILE = """
for name in {names!r}:
    bundle = env["ir.qweb"]._get_asset_bundle(name, css=True, js=True)
    bundle.stylesheets and bundle.css()
    bundle.javascripts and bundle.js()
"""


def _digest(facts):
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def base_cluster():
    """The stopped cluster with the demo database. Creates it when it is missing or outdated."""
    # The cluster is created once and then only copied. After a crash during creation, creation starts again.
    cluster = Cluster("base", settings={"synchronous_commit": "off", "fsync": "off", "full_page_writes": "off"})
    facts = {"odoo": odoo_tree.fingerprint(), "modules": MODULES, "compiled": COMPILED}
    wanted = _digest({**facts, "postgresql": postgresql_major()})
    contents = cluster.home / "contents"
    with one_at_a_time(directory(RUN) / "base.lock"):
        if contents.exists() and contents.read_text() == wanted:
            return cluster
        cluster.remove()
        with step("making the demo database", "the demo database", LOGS / "base-init.log"):
            with cluster:
                install(cluster, BASE_DATABASE, MODULES, "--with-demo", extra_addons=[], log=LOGS / "base-init.log")
                shell(cluster, BASE_DATABASE, COMPILE.format(names=COMPILED), extra_addons=[])
                cluster.sql("VACUUM (FREEZE, ANALYZE)", BASE_DATABASE)
                cluster.sql(f'ALTER DATABASE "{BASE_DATABASE}" IS_TEMPLATE true')
            # The server did not flush to disk. Force the data to disk before anything uses it.
            os.sync()
            contents.write_text(wanted)
    return cluster


def addon_cluster(extension):
    """The stopped cluster with the demo database and the two databases with our addon. Rebuilds it when they
    changed."""
    base = base_cluster()
    cluster = Cluster("addon", copy_of=base, extension=extension, settings={"synchronous_commit": "off"})
    fingerprints = [addon_fingerprint(extension, with_test_addons) for with_test_addons in (False, True)]
    wanted = _digest({"base": base.identity(), "addon": fingerprints})
    contents = cluster.home / "contents"
    with one_at_a_time(directory(RUN) / "addon.lock"):
        if contents.exists() and contents.read_text() == wanted:
            return cluster
        with step("installing the addon", "the addon and the test addons", LOGS / "addon-init.log"), cluster:
            contents.unlink(missing_ok=True)
            addon_database(cluster)
        contents.write_text(wanted)
    return cluster


def _files(folder):
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        left_out = {"__pycache__", *APART} & set(path.parts)
        if path.is_file() and not left_out and path.suffix != ".pyc":
            yield path


def addon_fingerprint(extension, with_test_addons):
    """A value that changes when a new database with our addon would differ."""
    digest = hashlib.sha256(str(extension).encode())
    for folder in [ADDONS] + ([TEST_ADDONS] if with_test_addons else []):
        for path in _files(folder):
            digest.update(os.fsencode(path.relative_to(CHECKOUT)) + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def test_addons():
    """Names of the addons that every test's database has besides ours."""
    return sorted(path.parent.name for path in TEST_ADDONS.glob("*/__manifest__.py") if path.parent.name not in APART)


def addon_database(cluster, with_test_addons=True):
    """Name of the template with our addon (and the test addons) installed in this running cluster."""
    prefix = "odoo_mcp_tested_" if with_test_addons else "odoo_mcp_plain_"
    name = prefix + addon_fingerprint(cluster.extension, with_test_addons)
    present = cluster.databases()
    if name in present and cluster.sql(f"SELECT datistemplate FROM pg_database WHERE datname = '{name}'") == "t":
        return name
    # The test addons go into a copy of the database with our addon.
    source = addon_database(cluster, with_test_addons=False) if with_test_addons else BASE_DATABASE
    for old in present:
        if old.startswith(prefix):
            cluster.drop_database(old)
    cluster.clone_database(source, name)
    log = directory(LOGS) / ("test-addons-init.log" if with_test_addons else "addon-init.log")
    install(cluster, name, ",".join(test_addons() if with_test_addons else ["odoo_mcp"]), log=log)
    cluster.sql("VACUUM ANALYZE", name)
    cluster.sql(f'ALTER DATABASE "{name}" IS_TEMPLATE true')
    return name


def give_new_identity(cluster, database):
    """Gives a copy its own uuid and secret, as Odoo's duplicate does, so that nothing accepts it as its original."""
    cluster.sql(
        "UPDATE public.ir_config_parameter SET value = gen_random_uuid()::text"
        " WHERE key IN ('database.uuid', 'database.secret')",
        database,
    )

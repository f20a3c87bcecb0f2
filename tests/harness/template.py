"""Finished Odoo databases, kept so that a run starts from a copy in about a second.

Two levels: the base cluster holds a database with Odoo's demo data and without our addon (made once,
then stopped for good; other clusters start as copies of its data directory), and each such cluster
gets one database with our addon installed, which is made again when the addon or the extension changes.
"""

import hashlib
import json
import os

from . import odoo_tree
from .cluster import Cluster
from .console import progress
from .odoo_server import install
from .paths import ADDONS, CHECKOUT, TEST_ADDONS
from .prerequisites import postgresql_major

BASE_DATABASE = "odoo_base"
# Test addons that only the tests of their own install: everybody else would have to see what they add.
APART = ("odoo_mcp_conformance",)
MODULES = "base,web,contacts,crm,sale_management,stock,account,purchase,project,hr,rpc"


def base_cluster():
    """The stopped cluster with the demo database; made when it is missing or out of date."""
    # Made once and then only copied: a crash while making it means making it again.
    cluster = Cluster("base", settings={"synchronous_commit": "off"})
    facts = {"odoo": odoo_tree.fingerprint(), "modules": MODULES, "postgresql": postgresql_major()}
    wanted = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    contents = cluster.home / "contents"
    if contents.exists() and contents.read_text() == wanted:
        return cluster
    cluster.remove()
    progress("making the demo database: Odoo with its demo data (about two minutes, once)")
    with cluster:
        install(cluster, BASE_DATABASE, MODULES, "--with-demo", extra_addons=[])
        cluster.sql("VACUUM (FREEZE, ANALYZE)", BASE_DATABASE)
        cluster.sql(f'ALTER DATABASE "{BASE_DATABASE}" IS_TEMPLATE true')
    contents.write_text(wanted)
    return cluster


def _files(folder):
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        left_out = {"__pycache__", *APART} & set(path.parts)
        if path.is_file() and not left_out and path.suffix != ".pyc":
            yield path


def addon_fingerprint(extension, with_test_addons):
    """Changes when a database with our addon would come out differently."""
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
    for old in present:
        if old.startswith(prefix):
            cluster.drop_database(old)
    cluster.clone_database(BASE_DATABASE, name)
    modules = ",".join(["odoo_mcp", *(test_addons() if with_test_addons else [])])
    progress(f"installing {modules} into a copy of the demo database")
    install(cluster, name, modules)
    cluster.sql("VACUUM ANALYZE", name)
    cluster.sql(f'ALTER DATABASE "{name}" IS_TEMPLATE true')
    return name


def give_new_identity(cluster, database):
    """A copy must not pass for its original: a uuid and secret of its own, as Odoo's own duplicate gives it."""
    cluster.sql(
        "UPDATE public.ir_config_parameter SET value = gen_random_uuid()::text"
        " WHERE key IN ('database.uuid', 'database.secret')",
        database,
    )

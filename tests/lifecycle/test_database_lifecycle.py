"""The extension and the addon through a database's life: creation by an ordinary owner, dropping and recreation,
upgrade, neutralization, update, uninstallation."""

import shutil

import pytest
from support import mcp, workers
from support.database import Database
from support.logs import Log

from harness.cluster import Cluster
from harness.paths import CHECKOUT, RUN, directory

# Scripts and schemas of earlier versions.
RELEASED = CHECKOUT / "tests" / "released"

SNAPSHOT = """
SELECT p.proname AS name, pg_get_function_identity_arguments(p.oid) AS arguments,
       pg_get_function_result(p.oid) AS result, l.lanname AS language, p.prosrc AS source, p.probin AS library,
       p.provolatile AS volatility, p.proparallel AS parallel, p.proisstrict AS strict,
       p.prosecdef AS definer, p.proconfig AS config, p.procost AS cost, p.prorows AS rows, p.proleakproof AS leakproof,
       pg_get_expr(p.proargdefaults, 0) AS defaults, p.proargnames AS names,
       p.proowner::regrole::text AS owner, p.proacl::text AS acl, obj_description(p.oid, 'pg_proc') AS comment
FROM pg_depend d JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
JOIN pg_language l ON l.oid = p.prolang
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'odoo_mcp')
ORDER BY 1, 2
"""
EXTENSION = """
SELECT extversion, extrelocatable, extnamespace::regnamespace::text, extowner::regrole::text, extconfig,
       obj_description(oid, 'pg_extension')
FROM pg_extension WHERE extname = 'odoo_mcp'
"""


@pytest.fixture
def empty(environment):
    """Creates databases that only their owner, who is not a superuser, has changed."""
    made = []

    def make(name):
        environment.drop_database(name)
        environment.sql(f"CREATE DATABASE {name} OWNER odoo TEMPLATE template0")
        made.append(Database(environment.dsn(name)))
        return made[-1]

    yield make
    for database in made:
        name = database.value("SELECT current_database()")
        database.close()
        environment.drop_database(name)


def test_the_owner_of_a_database_creates_the_extension(empty):
    db = empty("owned")
    assert db.row("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user") == {
        "rolsuper": False,
        "rolcreaterole": False,
    }
    db.run("CREATE EXTENSION odoo_mcp")
    assert db.value("SELECT extowner::regrole::text FROM pg_extension WHERE extname = 'odoo_mcp'") == "odoo"
    assert db.value("SELECT mcp_to_local('2026-07-01 12:00:00', 'Europe/Brussels')").startswith("2026-07-01T14:00:00")
    status = db.value("SELECT mcp_status()")
    assert status["ready"] is False
    assert status["problems"][0]["hint"]
    db.run("DROP EXTENSION odoo_mcp")


@pytest.fixture
def released(environment):
    """A separate server whose extension files include the scripts of all releases. The package omits those scripts."""
    tree = directory(RUN / "released" / environment.name)
    shutil.rmtree(tree)
    shutil.copytree(environment.cluster.extension, tree)
    scripts = next(tree.rglob("odoo_mcp.control")).parent
    versions = []
    for script in sorted((CHECKOUT / "sql" / "releases").glob("odoo_mcp--*.sql")):
        shutil.copy(script, scripts)
        versions.append(script.stem.removeprefix("odoo_mcp--"))
    with Cluster(f"{environment.name}-released", extension=tree) as cluster:
        yield cluster, versions
    cluster.remove()
    shutil.rmtree(tree)


def test_an_upgraded_extension_equals_a_fresh_one(released):
    cluster, versions = released
    assert versions

    def made(name):
        cluster.sql(f"CREATE DATABASE {name} OWNER odoo")
        return Database(cluster.dsn(name))

    fresh = made("fresh")
    fresh.run("CREATE EXTENSION odoo_mcp")
    assert fresh.value("SELECT extversion FROM pg_extension WHERE extname = 'odoo_mcp'") not in versions
    for version in versions:
        upgraded = made(f"upgraded_{version.replace('.', '_')}")
        upgraded.run(f"CREATE EXTENSION odoo_mcp VERSION '{version}'")
        assert upgraded.rows(SNAPSHOT) != fresh.rows(SNAPSHOT)
        upgraded.run("ALTER EXTENSION odoo_mcp UPDATE")
        assert upgraded.rows(SNAPSHOT) == fresh.rows(SNAPSHOT)
        assert upgraded.rows(EXTENSION) == fresh.rows(EXTENSION)
        upgraded.close()
    fresh.close()


@pytest.fixture(scope="module")
def living(environment, world):
    """A separate database with both doors open."""
    db = world.copy("living")
    servers = [
        environment.odoo("living", name=f"living-{name}", workers=2, environment=variables)
        for name, variables in (("fast", {}), ("ordinary", {"ODOO_MCP_FAST_DOOR": "0"}))
    ]
    yield db, servers
    db.close()
    for server in servers:
        server.stop()


OURS = """
SELECT relname FROM pg_class
WHERE relname ~ '^mcp_' AND relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1
"""


def test_dropping_the_extension_loses_no_data_and_creating_it_again_is_all_there_is_to_do(living, world):
    db, servers = living
    clients = [world.client(server) for server in servers]
    for client in clients:
        client.initialize()
        assert client.result("count", {"model": "res.company"})["count"] >= 2
    tables = [row["relname"] for row in db.rows(OURS)]
    assert {"mcp_audit_log", "mcp_inflight_call", "mcp_session", "mcp_tool"} <= set(tables)
    before = {table: db.rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables}
    db.run("DROP EXTENSION odoo_mcp")
    assert {table: db.rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables} == before
    for server, client in zip(servers, clients, strict=True):
        for pid in server.worker_pids():
            with workers.only(server, pid):
                for answer in (
                    client.modern("tools/list"),
                    client.legacy("ping"),
                    mcp.Client(server).modern("tools/list"),
                ):
                    assert answer.status == 503
                    assert "CREATE EXTENSION odoo_mcp" in answer.message
                    assert "Traceback" not in answer.text
    db.run("CREATE EXTENSION odoo_mcp")
    for server, client in zip(servers, clients, strict=True):
        for pid in server.worker_pids():
            with workers.only(server, pid):
                assert client.legacy("ping").status == 200
                assert client.result("count", {"model": "res.company"})["count"] >= 2
    assert db.value("SELECT mcp_status()")["ready"] is True


def test_another_version_of_the_functions_is_503_with_the_cure(living, world, environment):
    db, servers = living
    current = db.value("SELECT extversion FROM pg_extension WHERE extname = 'odoo_mcp'")
    environment.sql("UPDATE pg_extension SET extversion = '0.0.9' WHERE extname = 'odoo_mcp'", "living")
    try:
        for server in servers:
            answer = world.client(server).modern("tools/list")
            assert answer.status == 503
            assert "ALTER EXTENSION odoo_mcp UPDATE" in answer.message
        problems = db.value("SELECT mcp_status()")["problems"]
        assert any("ALTER EXTENSION odoo_mcp UPDATE" in problem["hint"] for problem in problems)
    finally:
        environment.sql(f"UPDATE pg_extension SET extversion = '{current}' WHERE extname = 'odoo_mcp'", "living")
    assert world.client(servers[0]).modern("tools/list").status == 200


@pytest.mark.parametrize(
    "change, back, hint",
    [
        (
            "ALTER TABLE mcp_session RENAME TO mcp_session_gone",
            "ALTER TABLE mcp_session_gone RENAME TO mcp_session",
            "update",
        ),
        (
            "ALTER TABLE mcp_tool RENAME COLUMN commits TO commits_gone",
            "ALTER TABLE mcp_tool RENAME COLUMN commits_gone TO commits",
            "update",
        ),
    ],
)
def test_a_missing_table_or_column_is_named_by_the_status(living, change, back, hint):
    db, _servers = living
    assert db.value("SELECT mcp_status()")["ready"] is True
    db.run(change)
    try:
        status = db.value("SELECT mcp_status()")
        assert status["ready"] is False
        assert any("mcp_" in problem["message"] and hint in problem["hint"] for problem in status["problems"]), status
    finally:
        db.run(back)


def test_the_neutralize_command_switches_mcp_off(environment, world):
    db = world.copy("neutral")
    db.run("INSERT INTO mcp_inflight_call (call_id, started, entry) VALUES (gen_random_uuid(), now(), '{}')")
    server = environment.odoo("neutral", name="neutral", workers=0)
    client = world.client(server)
    client.initialize()
    server.stop()
    environment.run_odoo("neutralize", "neutral")
    assert db.value("SELECT value FROM ir_config_parameter WHERE key = 'odoo_mcp.enabled'") == "False"
    assert db.value("SELECT (SELECT count(*) FROM mcp_session) + (SELECT count(*) FROM mcp_inflight_call)") == 0
    server.start()
    answer = world.client(server).modern("tools/list")
    assert answer.status == 503
    assert "Settings" in answer.message
    db.set_parameter("odoo_mcp.enabled", "True")
    assert world.client(server).modern("tools/list").status == 200
    assert Log(server.log).trouble() == []
    server.stop()
    db.close()


LEFT = """
SELECT 'relation ' || relname AS left_behind FROM pg_class
    WHERE relname ~ 'mcp' AND relnamespace = 'public'::regnamespace
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname ~ 'mcp' AND pronamespace = 'public'::regnamespace
UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE extname ~ 'mcp'
UNION ALL SELECT 'parameter ' || key FROM ir_config_parameter WHERE key ~ 'mcp'
UNION ALL SELECT 'model ' || model FROM ir_model WHERE model ~ 'mcp'
UNION ALL SELECT 'field ' || model || '.' || name FROM ir_model_fields WHERE name ~ '^mcp_' OR model ~ 'mcp'
UNION ALL SELECT 'xml id ' || module || '.' || name FROM ir_model_data WHERE module ~ '^odoo_mcp' AND module <> 'base'
UNION ALL SELECT 'group ' || id FROM res_groups WHERE name::text ~ 'MCP'
UNION ALL SELECT 'menu ' || id FROM ir_ui_menu WHERE name::text ~ 'MCP'
UNION ALL SELECT 'view ' || name FROM ir_ui_view WHERE name ~ 'mcp'
UNION ALL SELECT 'action ' || id FROM ir_actions WHERE name::text ~ 'MCP'
UNION ALL SELECT 'cron ' || id FROM ir_cron WHERE cron_name ~ 'MCP'
UNION ALL SELECT 'rule ' || name FROM ir_rule WHERE name ~ 'MCP'
UNION ALL SELECT 'access ' || name FROM ir_model_access WHERE name ~ 'mcp'
UNION ALL SELECT 'key ' || id FROM res_users_apikeys WHERE scope = 'mcp'
UNION ALL SELECT 'privilege ' || id FROM res_groups_privilege WHERE name::text ~ 'MCP'
UNION ALL SELECT 'category ' || id FROM ir_module_category WHERE name::text ~ 'MCP'
"""


def test_uninstalling_leaves_nothing_behind_and_installing_again_works(environment, world):
    db = world.copy("leaving")
    server = environment.odoo("leaving", name="leaving", workers=2)
    client = world.client(server)
    client.initialize()
    for pid in server.worker_pids():
        with workers.only(server, pid):
            assert client.result("count", {"model": "res.company"})["count"] >= 2
    db.set_parameter("odoo_mcp.max_records", "500")
    assert len(db.rows(LEFT)) > 40
    odoo = world.json2(server)
    # A rule that names a group of this app, and a scope.
    group = db.value("SELECT res_id FROM ir_model_data WHERE module = 'odoo_mcp' AND name = 'group_mcp_user'")
    country = odoo.value("ir.model", "search", domain=[["model", "=", "res.country"]])
    odoo.value("mcp.access", "create", vals_list=[{"model_id": country[0], "group_ids": [[6, 0, [group]]]}])
    key = db.value("SELECT id FROM res_users_apikeys WHERE scope = 'mcp' LIMIT 1")
    scope = odoo.value("mcp.key.scope", "search", domain=[["api_key_id", "=", key]])
    odoo.value("mcp.key.scope", "write", ids=scope, vals={"expires": "2000-01-01 00:00:00"})
    module = odoo.value("ir.module.module", "search", domain=[["name", "=", "odoo_mcp"]])
    odoo.value("ir.module.module", "button_immediate_uninstall", ids=module)
    assert db.rows(LEFT) == []
    assert (
        db.value(
            "SELECT string_agg(name, ',') FROM ir_module_module WHERE name ~ '^odoo_mcp' AND state <> 'uninstalled'"
        )
        is None
    )
    # Every worker still has the patched application in memory.
    for pid in server.worker_pids():
        with workers.only(server, pid):
            assert client.modern("tools/list").status == 404
            assert client.legacy("ping").status == 404
    odoo.value("ir.module.module", "button_immediate_install", ids=module)
    assert db.value("SELECT mcp_status()")["ready"] is True
    for pid in server.worker_pids():
        with workers.only(server, pid):
            assert world.client(server).result("count", {"model": "res.company"})["count"] >= 2
    server.stop()
    db.close()


# Tables that were renamed: the former name, today's name, and a row.
RENAMED = [
    ("mcp_bucket", "mcp_rate_bucket", "('user 2', 3, 60, 20, '2026-01-01Z', {id})"),
    ("mcp_call", "mcp_inflight_call", "({id}, '2026-01-01', '{{}}', 'user 2')"),
    (
        "mcp_once",
        "mcp_idempotency",
        "(2, 'create', 'k', {id}, 'none', 'd', 'p', '{{}}', '2026-01-01', '2036-01-01')",
    ),
    ("mcp_question", "mcp_input_request", "({id}, 's', '1', NULL, '{{}}', '{{}}', '2036-01-01')"),
]
NAMES_OF_INDEXES = "SELECT indexname FROM pg_indexes WHERE tablename = ANY(%s) ORDER BY indexname"


def _as_0_5_0_left_it(db):
    """Restores the renamed tables of version 0.5.0, each with a row. The rows are listed under today's names."""
    for _former, name, _row in RENAMED:
        db.run(f"DROP TABLE {name}")
    db.run((RELEASED / "addon-schema-0.5.0.sql").read_text(encoding="utf-8"))
    for former, _name, row in RENAMED:
        db.run(f"INSERT INTO {former} VALUES {row.format(id='gen_random_uuid()')}")
    return {name: db.rows(f"SELECT * FROM {former}") for former, name, _row in RENAMED}


def test_updating_the_addon_keeps_what_the_administrator_changed_and_brings_the_rest(environment, world):
    db = world.copy("updating")
    names = [name for _former, name, _row in RENAMED]
    indexes = db.rows(NAMES_OF_INDEXES, names)
    rows = _as_0_5_0_left_it(db)
    changed = {"description": "Changed by the administrator", "sequence": 3}
    environment.shell("updating", f"env['mcp.tool'].with_user(2).search([('name', '=', 'count')]).write({changed})")
    # An older release created its tools with noupdate.
    db.run("UPDATE ir_model_data SET noupdate = true WHERE module = 'odoo_mcp' AND model = 'mcp.tool'")
    db.run("UPDATE ir_module_module SET latest_version = '19.0.0.3.0' WHERE name = 'odoo_mcp'")
    db.run("UPDATE mcp_tool SET description = 'Of an older release', parameters = '{}' WHERE name = 'search'")
    db.set_parameter("odoo_mcp.max_records", "321")
    audit = db.audit_total()
    environment.update("updating", "odoo_mcp")
    rows["mcp_idempotency"][0]["credential"] = "password"
    assert {name: db.rows(f"SELECT * FROM {name}") for name in names} == rows
    assert db.rows(NAMES_OF_INDEXES, names) == indexes
    assert not db.rows("SELECT 1 FROM pg_tables WHERE tablename = ANY(%s)", [former for former, *_more in RENAMED])
    assert db.row("SELECT description, sequence FROM mcp_tool WHERE name = 'count'") == {
        "description": "Changed by the administrator",
        "sequence": 3,
    }
    shipped = db.row("SELECT description, parameters FROM mcp_tool WHERE name = 'search'")
    assert shipped["description"].startswith("Find records") and "cursor" in shipped["parameters"]
    assert db.value("SELECT value FROM ir_config_parameter WHERE key = 'odoo_mcp.max_records'") == "321"
    assert db.audit_total() == audit
    assert db.value("SELECT mcp_status()")["ready"] is True
    db.close()

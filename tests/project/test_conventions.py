"""The project's own coding rules: which modules may use which APIs, and that each SQL function has a comment."""

import ast
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from support.database import Database

from harness.paths import CHECKOUT

SOURCES = sorted((CHECKOUT / "src").rglob("*.rs"))
ADDON = CHECKOUT / "odoo_addon" / "odoo_mcp"
PYTHON = sorted(path for path in ADDON.rglob("*.py"))
TESTS = sorted((CHECKOUT / "tests").rglob("test_*.py")) + sorted((CHECKOUT / "tests" / "support").glob("*.py"))


def _name(path):
    return str(path.relative_to(CHECKOUT))


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 20
    assert len(PYTHON) > 10


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_only_the_surface_and_the_door_to_postgresql_know_pgrx(path):
    allowed = (
        path == CHECKOUT / "src" / "lib.rs"
        or (CHECKOUT / "src" / "pg") in path.parents
        or path == CHECKOUT / "src" / "pg.rs"
    )
    code = "\n".join(
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.strip().startswith("//")
    )
    assert allowed or not re.search(r"\bpgrx\b|\bpg_sys\b", code)
    inside = allowed and path != CHECKOUT / "src" / "lib.rs"
    assert inside or not re.search(r"\bunsafe\s*(\{|fn|impl|extern)", code)


@pytest.mark.parametrize("path", TESTS, ids=_name)
def test_no_test_is_skipped_or_mocked(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    }
    assert not names & {"skip", "skipif", "xfail", "importorskip", "mock", "patch", "MagicMock"}


@pytest.mark.parametrize("path", [path for path in TESTS if path.name.startswith("test_")], ids=_name)
def test_no_test_module_imports_another(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert not [name for name in imported if name.rpartition(".")[2].startswith("test_")]


@pytest.mark.parametrize(
    "path", [path for path in PYTHON if path.name != "compat.py" and "tests" not in path.parts], ids=_name
)
def test_only_one_module_knows_odoos_versions(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"version_info|release\.(version|series|major_version)|\bcompat\.VERSION\b|odoo\.release", text
    )


def test_what_differs_between_versions_is_in_that_module():
    assert re.search(r"version_info", (ADDON / "compat.py").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fresh(environment):
    """A database that contains only the extension."""
    name = "house"
    environment.drop_database(name)
    environment.sql(f"CREATE DATABASE {name} OWNER odoo TEMPLATE template0")
    database = Database(environment.dsn(name))
    database.run("CREATE EXTENSION odoo_mcp")
    yield database
    database.close()
    environment.drop_database(name)


MEMBERS = """
SELECT p.proname AS name, pg_get_function_identity_arguments(p.oid) AS arguments,
       obj_description(p.oid, 'pg_proc') AS comment,
       p.prosecdef AS definer, p.proconfig AS config, p.pronamespace::regnamespace::text AS schema, p.prokind AS kind
FROM pg_depend d JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'odoo_mcp')
ORDER BY 1, 2
"""
PROMISED = {
    "mcp_gate",
    "mcp_handle",
    "mcp_resume",
    "mcp_dispatch_tool",
    "mcp_check_access",
    "mcp_audit_insert",
    "mcp_to_utc",
    "mcp_to_local",
    "mcp_maintain",
    "mcp_status",
}


def test_every_function_is_there_and_says_what_it_does(fresh):
    functions = fresh.rows(MEMBERS)
    assert {function["name"] for function in functions} >= PROMISED
    for function in functions:
        assert len(function["comment"] or "") > 20, function
        assert function["definer"] is False, function
        assert function["schema"] == "public", function
        assert any(setting.startswith("search_path=pg_catalog, pg_temp") for setting in function["config"] or []), (
            function
        )


def test_the_extension_makes_functions_and_nothing_else(fresh):
    kinds = fresh.rows(
        "SELECT classid::regclass::text AS kind FROM pg_depend"
        " WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'"
        " AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'odoo_mcp') GROUP BY 1"
    )
    assert kinds == [{"kind": "pg_proc"}]


def test_the_addons_tables_have_no_foreign_keys_and_use_no_function_of_the_extension(db):
    assert (
        db.rows(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid IN"
            " ('mcp_audit_log'::regclass, 'mcp_inflight_call'::regclass, 'mcp_idempotency'::regclass,"
            " 'mcp_input_request'::regclass, 'mcp_session'::regclass)"
        )
        == []
    )
    assert (
        db.rows(
            "SELECT d.* FROM pg_depend d JOIN pg_depend e ON e.classid = 'pg_proc'::regclass AND e.objid = d.refobjid"
            " AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'"
            " WHERE d.refclassid = 'pg_proc'::regclass"
            " AND e.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'odoo_mcp')"
        )
        == []
    )


FIXTURES = CHECKOUT / "tests" / "addons" / "odoo_mcp_conformance" / "data"
SHIPPED = [
    path
    for folder in ("src", "sql", "odoo_addon")
    for path in (CHECKOUT / folder).rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
]


def test_what_the_conformance_suite_asks_for_by_name_is_known_to_its_addon_alone():
    names = {
        field.text
        for file in FIXTURES.glob("*.xml")
        for record in ElementTree.parse(file).iter("record")
        for field in record.findall(f"field[@name='{'uri' if record.get('model') == 'mcp.resource' else 'name'}']")
        if record.get("model") in ("mcp.tool", "mcp.prompt", "mcp.resource")
    }
    assert len(names) > 25
    found = [(_name(path), name) for path in SHIPPED for name in names if name.encode() in path.read_bytes()]
    assert found == []


def test_every_test_module_says_what_it_proves():
    for path in TESTS:
        if path.name.startswith("test_"):
            assert (ast.get_docstring(ast.parse(Path(path).read_text(encoding="utf-8"))) or "").strip(), path

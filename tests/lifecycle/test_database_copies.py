"""Copies of a database through pg_dump and Odoo's own backup, restore and duplicate, also to a server without the
extension's files. Each copy keeps every row. It gets a new identity where Odoo creates one, and reports a missing
extension."""

import base64
import io
import re
import subprocess
import xmlrpc.client
import zipfile
from pathlib import Path

import pytest
from support import sample
from support.database import Database

from harness import Environment, Failure
from harness.prerequisites import postgresql_bin

MASTER = "harness-master-password"
TABLES = [
    "mcp_audit_log",
    "mcp_inflight_call",
    "mcp_lockout",
    "mcp_input_request",
    "mcp_session",
    "mcp_tool",
    "mcp_tool_group_rel",
    "res_users_apikeys",
    "res_partner",
]


def _contents(db):
    return {table: db.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


@pytest.fixture(scope="module")
def original(environment, world):
    """A database with sessions and an audit log, and a server that can manage databases."""
    db = world.copy("copies")
    server = environment.odoo(name="copies", workers=0, dbfilter="^copies")
    client = world.client(server, headers=[("X-Odoo-Database", "copies")])
    client.initialize()
    for _ in range(3):
        assert client.modern("tools/list").status == 200
    yield db, server
    server.stop()
    db.close()


def _manager(server):
    return xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/db", allow_none=True)


def _client(world, server, name):
    return world.client(server, headers=[("X-Odoo-Database", name)])


@pytest.fixture
def fresh_name(environment):
    """Names of databases, which the fixture drops at the end."""
    names = []

    def name(suffix):
        names.append(f"copies_{suffix}")
        environment.drop_database(names[-1])
        return names[-1]

    yield name
    for made in names:
        environment.drop_database(made)


@pytest.mark.parametrize("form", sample.some("dump", ["plain", "custom"], 1))
def test_pg_dump_and_restore_keep_everything(environment, world, original, fresh_name, tmp_path, form):
    db, server = original
    before = _contents(db)
    name = fresh_name(form)
    file = tmp_path / "dump"
    _postgresql("pg_dump", "--no-owner", f"--format={form}", f"--file={file}", environment.dsn("copies"))
    environment.sql(f"CREATE DATABASE {name} OWNER odoo TEMPLATE template0")
    if form == "plain":
        _postgresql("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={file}", environment.dsn(name))
    else:
        _postgresql("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={environment.dsn(name)}", str(file))
    restored = Database(environment.dsn(name))
    assert _contents(restored) == before
    assert restored.value("SELECT mcp_status()")["ready"] is True
    assert _client(world, server, name).result("count", {"model": "res.company"})["count"] >= 2
    restored.close()


def _postgresql(program, *arguments):
    done = subprocess.run([str(postgresql_bin(program)), *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def backup(original):
    """Odoo's own backup."""
    _db, server = original
    return base64.b64decode(_manager(server).dump(MASTER, "copies", "zip"))


def test_odoos_backup_holds_the_extension_and_restores(environment, world, original, backup, fresh_name):
    db, server = original
    dump = zipfile.ZipFile(io.BytesIO(backup)).read("dump.sql").decode()
    assert "CREATE EXTENSION IF NOT EXISTS odoo_mcp WITH SCHEMA public" in dump
    name = fresh_name("restored")
    before = _contents(db)
    assert _manager(server).restore(MASTER, name, base64.b64encode(backup).decode(), False) is True
    restored = Database(environment.dsn(name))
    assert _contents(restored) == before
    assert _uuid(restored) == _uuid(db)
    assert _client(world, server, name).result("count", {"model": "res.company"})["count"] >= 2
    restored.close()


def _uuid(db):
    return db.value("SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'")


def test_a_duplicate_has_its_own_identity_and_the_original_goes_on(environment, world, original, fresh_name):
    """Odoo closes every connection to the original. The next request there must succeed."""
    db, server = original
    client = _client(world, server, "copies")
    assert client.modern("tools/list").status == 200
    name = fresh_name("duplicate")
    before = _contents(db)
    db.close()
    assert _manager(server).duplicate_database(MASTER, "copies", name) is True
    assert client.modern("tools/list").status == 200
    copy = Database(environment.dsn(name))
    assert {table: rows for table, rows in _contents(copy).items() if table != "mcp_audit_log"} == {
        table: rows for table, rows in before.items() if table != "mcp_audit_log"
    }
    assert _uuid(copy) != _uuid(db)
    assert _client(world, server, name).result("count", {"model": "res.company"})["count"] >= 2
    copy.close()


def test_a_neutralized_duplicate_has_mcp_off(environment, world, original, fresh_name):
    db, server = original
    name = fresh_name("neutralized")
    counted = [("mcp_rate_bucket", "SELECT 'user 1', 1, 1, 1, now(), gen_random_uuid()"),
               ("mcp_lockout", "SELECT 4711, 'login', 'demo', '192.0.2.7', 1, now(), now(), NULL::timestamp, 0")]
    for table, row in counted:
        db.run(f"INSERT INTO {table} {row}")
    db.close()
    assert _manager(server).duplicate_database(MASTER, "copies", name, True) is True
    answer = _client(world, server, name).modern("tools/list")
    assert answer.status == 503
    copy = Database(environment.dsn(name))
    for table in ("mcp_session", "mcp_rate_bucket", "mcp_lockout"):
        assert copy.value(f"SELECT count(*) FROM {table}") == 0
    db.run("DELETE FROM mcp_rate_bucket")
    db.run("DELETE FROM mcp_lockout")
    assert _client(world, server, "copies").modern("tools/list").status == 200
    copy.close()


@pytest.fixture(scope="module")
def bare(environment):
    """A second PostgreSQL without the extension's files, and an Odoo that uses it."""
    with Environment(f"{environment.name}-bare", with_extension=False) as other:
        server = other.odoo(name="bare", workers=0, dbfilter="^bare")
        yield other, server
        server.stop()


def test_a_backup_restores_where_the_files_are_not_and_says_what_is_missing(world, original, backup, bare):
    db, _server = original
    environment, server = bare
    environment.drop_database("bare_restored")
    before = _contents(db)
    assert _manager(server).restore(MASTER, "bare_restored", base64.b64encode(backup).decode(), True) is True
    restored = Database(environment.dsn("bare_restored"))
    after = _contents(restored)
    for table in TABLES:
        if table != "mcp_audit_log":
            assert after[table] == before[table], table
    assert len(after["mcp_audit_log"]) > 0
    assert restored.value("SELECT count(*) FROM pg_extension WHERE extname = 'odoo_mcp'") == 0
    for _ in range(2):
        answer = _client(world, server, "bare_restored").modern("tools/list")
        assert answer.status == 503
        assert "CREATE EXTENSION odoo_mcp" in answer.message
    # Odoo itself still works.
    assert world.json2(server).call("res.partner", "search_count", domain=[]).status in (200, 404)
    restored.close()
    environment.drop_database("bare_restored")


def test_installing_where_the_files_are_not_fails_with_instructions_and_changes_nothing(bare):
    environment, _server = bare
    environment.fresh_database("bare_install", "base")
    db = Database(environment.dsn("bare_install"))
    with pytest.raises(Failure) as failure:
        environment.install("bare_install", "odoo_mcp")
    log = Path(re.search(r"/\S+\.log", str(failure.value)).group())
    text = log.read_text(encoding="utf-8")
    assert "odoo_mcp" in text and "is not available on the database server" in text
    assert db.value("SELECT state FROM ir_module_module WHERE name = 'odoo_mcp'") in (None, "uninstalled", "to install")
    assert db.rows("SELECT relname FROM pg_class WHERE relname LIKE 'mcp%%'") == []
    db.close()
    environment.drop_database("bare_install")

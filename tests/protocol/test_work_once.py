"""The core handles each message once, also where its audit row must be on disk before the reply.

PostgreSQL counts the scans of a table. The core reads the language of the user once for each call that it handles, and
Odoo caches its languages.
"""

import re
import time
import uuid

import pytest

MODEL = "mcp.test.item"
SCANS = "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'res_lang'"
# A session reports its counts at the latest so long after its last transaction.
REPORTED = 12


def scans(db):
    """The scans of the languages, after all sessions have reported theirs."""
    count, since = None, time.monotonic()
    while time.monotonic() - since < REPORTED:
        now = db.value(SCANS)
        if now != count:
            count, since = now, time.monotonic()
        time.sleep(0.5)
    return count


@pytest.fixture
def name():
    """A unique name."""
    return f"once {uuid.uuid4()}"


def test_each_message_is_handled_once(admin, db, restrict, name):
    before = scans(db)
    messages = 0
    with restrict.setting("confirm", "all"):
        for number in range(3):
            create = {"model": MODEL, "values": {"name": f"{name} a{number}"}}
            text = admin.refusal("create", create)
            token = re.search(r'"confirmation": "([\w-]+)"', text)[1]
            admin.result("create", {**create, "confirmation": token})
            messages += 2
    for number in range(3):
        admin.result("count", {"model": MODEL, "domain": [["name", "like", name]]})
        assert "[closed]" in admin.refusal("search", {"model": "ir.config_parameter"})
        record = admin.result("create", {"model": MODEL, "values": {"name": f"{name} b{number}"}})["ids"][0]
        admin.result("read", {"model": MODEL, "ids": [record], "fields": ["name"]})
        admin.result("write", {"model": MODEL, "ids": [record], "values": {"amount": 5}})
        messages += 5
    assert scans(db) - before == messages
    assert db.value("SELECT count(*) FROM mcp_test_item WHERE name LIKE %s", f"{name}%") == 6
    db.run("DELETE FROM mcp_test_item WHERE name LIKE %s", f"{name}%")

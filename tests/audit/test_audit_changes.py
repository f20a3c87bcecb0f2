"""Values before and after a change in the audit log, their redaction, and the history of a record."""

import base64
import json

import pytest

ITEM = "mcp.test.item"
SECRET = "Sesame-open-4711"


@pytest.fixture(autouse=True)
def no_items(db):
    """Deletes the test items before and after each test."""
    db.run("DELETE FROM mcp_test_item")
    yield
    db.run("DELETE FROM mcp_test_item")


@pytest.fixture
def kept(db):
    """Turns on the setting that stores values."""
    with db.parameter("odoo_mcp.audit_values", "True"):
        yield


def _last(db, mark):
    (row,) = db.audit_since(mark)
    return row


def _item(admin, **values):
    return admin.result("create", {"model": ITEM, "values": json.dumps(values)})["ids"][0]


def test_nothing_is_kept_unless_the_setting_asks(admin, db):
    item = _item(admin, name="before")
    mark = db.audit_mark()
    admin.result("write", {"model": ITEM, "ids": [item], "values": '{"name": "after"}'})
    assert _last(db, mark)["changes"] is None


def test_a_write_tells_old_and_new_values_of_the_fields_named(admin, db, kept):
    first, second = _item(admin, name="one", amount=1), _item(admin, name="two", due="2026-02-03")
    mark = db.audit_mark()
    admin.result("write", {"model": ITEM, "ids": [first, second], "values": '{"amount": 7, "due": "2026-05-06"}'})
    row = _last(db, mark)
    assert row["changes"] == {
        "operation": "write",
        "model": ITEM,
        "before": {
            str(first): {"amount": 1.0, "due": False},
            str(second): {"amount": 0.0, "due": "2026-02-03"},
        },
        "after": {
            str(first): {"amount": 7.0, "due": "2026-05-06"},
            str(second): {"amount": 7.0, "due": "2026-05-06"},
        },
    }
    assert db.value("SELECT mcp_audit_verify()")["ok"] is True


def test_a_create_tells_the_values_that_were_made(admin, db, kept):
    mark = db.audit_mark()
    item = _item(admin, name="new", amount=3)
    changes = _last(db, mark)["changes"]
    assert "before" not in changes
    assert changes["after"] == {str(item): {"name": "new", "amount": 3.0}}


def test_an_unlink_tells_what_is_gone(admin, db, kept):
    item = _item(admin, name="gone", amount=3)
    mark = db.audit_mark()
    admin.result("unlink", {"model": ITEM, "ids": [item]})
    changes = _last(db, mark)["changes"]
    assert "after" not in changes
    gone = changes["before"][str(item)]
    assert (gone["name"], gone["display_name"], gone["amount"], gone["doubled"]) == ("gone", "gone", 3.0, 6.0)
    assert "image" not in gone


def test_relations_are_ids_and_a_failed_change_tells_nothing(admin, db, world, kept):
    partner = world.partners[0]
    mark = db.audit_mark()
    category = admin.result("create", {"model": "res.partner.category", "values": '{"name": "Kept"}'})["ids"][0]
    values = {"parent_id": world.partners[1], "category_id": [[6, 0, [category]]]}
    admin.result("write", {"model": "res.partner", "ids": [partner], "values": json.dumps(values)})
    row = db.audit_since(mark)[-1]
    assert row["changes"]["after"][str(partner)] == {"parent_id": world.partners[1], "category_id": [category]}
    assert row["changes"]["before"][str(partner)] == {"parent_id": False, "category_id": []}
    undo = {"parent_id": False, "category_id": [[5, 0, 0]]}
    admin.result("write", {"model": "res.partner", "ids": [partner], "values": json.dumps(undo)})
    admin.result("unlink", {"model": "res.partner.category", "ids": [category]})
    mark = db.audit_mark()
    admin.refusal("write", {"model": ITEM, "ids": [_item(admin, name="x")], "values": '{"amount": -1}'})
    row = db.audit_since(mark)[-1]
    assert (row["status"], row["changes"]) == ("error", None)


def test_secrets_and_files_are_not_kept(admin, db, world, kept):
    """Redacts passwords by name, the configured fields, and files by size, both in the values and in the request."""
    file = base64.b64encode(b"x" * 3_000).decode()
    with db.parameter("odoo_mcp.audit_redact", "amount, DUE"):
        item = _item(admin, name="kept", image=file)
        mark = db.audit_mark()
        values = {"name": "kept too", "amount": 4711, "due": "2026-07-08", "image": file, "secret": SECRET}
        admin.result("write", {"model": ITEM, "ids": [item], "values": json.dumps(values)})
        row = _last(db, mark)
    text = json.dumps(row, default=str)
    assert SECRET not in text and "4711" not in text and "2026-07-08" not in text and file[:100] not in text
    after = row["changes"]["after"][str(item)]
    assert after == {"name": "kept too", "amount": "***", "due": "***", "secret": "***", "image": after["image"]}
    assert list(after["image"]) == ["size"]
    assert json.loads(row["request"]["values"])["image"] == f"[{len(file)} bytes of base64]"
    # The in-flight calls do not contain it either.
    assert db.value("SELECT count(*) FROM mcp_inflight_call WHERE entry::text LIKE '%%4711%%'") == 0


def test_a_file_is_its_size_whatever_the_setting(admin, db):
    file = base64.b64encode(b"y" * 3_000).decode()
    mark = db.audit_mark()
    admin.result("create", {"model": ITEM, "values": {"name": "file", "image": file}})
    assert _last(db, mark)["request"]["values"]["image"] == f"[{len(file)} bytes of base64]"


def test_arguments_of_methods_that_take_secrets_are_not_kept(admin, db):
    call = {"model": ITEM, "method": "login", "args": json.dumps(["somebody", SECRET])}
    named = {"model": ITEM, "method": "describe", "kwargs": json.dumps({"greeting": SECRET, "api_token": SECRET + "2"})}
    with db.parameter("odoo_mcp.audit_redact", "greeting"):
        mark = db.audit_mark()
        admin.call("method_call", call)
        admin.call("method_call", named)
        rows = db.audit_since(mark)
    assert len(rows) == 2
    assert SECRET not in json.dumps(rows, default=str)


def test_changes_are_capped(admin, db, kept):
    item = _item(admin, name="x" * 5_000)
    with db.parameter("odoo_mcp.audit_request_kb", "1"):
        mark = db.audit_mark()
        admin.result("write", {"model": ITEM, "ids": [item], "values": json.dumps({"name": "y" * 5_000})})
        row = _last(db, mark)
    assert len(json.dumps(row["changes"], ensure_ascii=False)) < 1_100
    assert row["changes"]["model"] == ITEM


def test_values_are_for_administrators(world, door, db, admin, kept):
    item = _item(admin, name="seen")
    mark = db.audit_mark()
    admin.result("write", {"model": ITEM, "ids": [item], "values": '{"name": "seen again"}'})
    row = _last(db, mark)
    read = {"ids": [row["id"]], "fields": ["changes_text"]}
    (told,) = world.json2(door).value("mcp.audit.log", "read", **read)
    assert told["changes_text"] == f'{item} name: "seen" → "seen again"'
    assert world.json2(door, "sally").call("mcp.audit.log", "read", **read).status == 403


# -- the history of a record --------------------------------------------------------------------------


def test_the_history_of_a_record(world, door, db, admin, sally):
    partner, other = world.partners[:2]
    mark = db.audit_mark()
    admin.result("read", {"model": "res.partner", "ids": [partner, other], "fields": ["name"]})
    admin.result("read", {"model": "res.partner", "ids": [other], "fields": ["name"]})
    sally.result("read", {"model": "res.partner", "ids": [partner], "fields": ["name"]})
    admin.result("read", {"model": "res.company", "ids": [partner], "fields": ["name"]})
    rows = db.audit_since(mark)
    history = {
        "domain": [["record", "=", f"res.partner,{partner}"], ["id", ">", mark]],
        "fields": ["id"],
        "order": "id",
    }
    everybody = world.json2(door).value("mcp.audit.log", "search_read", **history)
    assert [row["id"] for row in everybody] == [rows[0]["id"], rows[2]["id"]]
    mine = world.json2(door, "sally").value("mcp.audit.log", "search_read", **history)
    assert [row["id"] for row in mine] == [rows[2]["id"]]
    refused = world.json2(door).call("mcp.audit.log", "search_read", domain=[["record", "=", "res.partner"]], fields=[])
    assert refused.status == 422 or "res.partner,7" in refused.text


def test_every_records_form_has_the_action(world, door):
    def actions(login, model):
        views = world.json2(door, login).value(model, "get_views", views=[[False, "form"]], options={"toolbar": True})
        return [action["name"] for action in views["views"]["form"]["toolbar"].get("action", [])]

    for model in ("res.partner", "sale.order", "crm.lead", ITEM):
        assert actions("admin", model).count("MCP History") == 1, model
    assert "MCP History" in actions("sally", "sale.order")
    assert "MCP History" not in actions("norma", "res.partner")
    assert "MCP History" not in actions("admin", "mcp.audit.log")


def test_only_administrators_see_and_verify_seals(world, door, db):
    # The first maintenance of a copied database accepts the rows that are there.
    db.maintain()
    world.client(door).modern("tools/list")
    db.maintain()
    seals = world.json2(door).value("mcp.audit.seal", "search_read", domain=[], fields=["mac", "row_count"])
    assert seals
    assert {seal["mac"] for seal in seals} == {row["mac"] for row in db.rows("SELECT mac FROM mcp_audit_seal")}
    shown = world.json2(door).value("mcp.audit.seal", "action_verify")
    assert shown["params"]["type"] == "success" and "Verified rows: " in shown["params"]["message"]
    with db.as_owner():
        db.run("UPDATE mcp_audit_log SET login = login || '!' WHERE id = (SELECT max(id) FROM mcp_audit_log)")
        shown = world.json2(door).value("mcp.audit.seal", "action_verify")
        db.run("UPDATE mcp_audit_log SET login = rtrim(login, '!') WHERE login LIKE '%%!'")
    assert shown["params"]["type"] == "danger" and "is altered" in shown["params"]["message"]
    assert db.value("SELECT mcp_audit_verify()")["ok"] is True
    for method, arguments in (("search_read", {"domain": []}), ("action_verify", {})):
        assert world.json2(door, "sally").call("mcp.audit.seal", method, **arguments).status == 403
    for method, arguments in (("write", {"vals": {"mac": "x"}}), ("unlink", {})):
        answer = world.json2(door).call("mcp.audit.seal", method, ids=[seals[0]["id"]], **arguments)
        assert answer.status >= 400, method

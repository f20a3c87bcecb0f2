"""Files and reports under the MCP policy: key scopes, hidden fields and records, and reports that are allowed by
name."""

import json

import pytest

ATTACHMENT, ORDER, PARTNER = "ir.attachment", "sale.order", "res.partner"
REPORT = "sale.report_saleorder"


@pytest.fixture
def client(world, door):
    """The administrator with a key that can have a scope."""
    return world.client(door, "admin", "mcp")


@pytest.fixture
def key(world):
    """That key."""
    return world["admin"].keys["mcp"]


@pytest.fixture
def file(world, door):
    """A text file on an order. All files of the order are deleted afterwards."""
    odoo = world.json2(door)
    order = world.orders[0]
    values = {"name": "a.txt", "datas": "aGVsbG8=", "res_model": ORDER, "res_id": order}
    yield odoo.value(ATTACHMENT, "create", vals_list=[values])[0]
    left = odoo.value(ATTACHMENT, "search", domain=[["res_model", "=", ORDER], ["res_id", "=", order]])
    odoo.value(ATTACHMENT, "unlink", ids=left)


def _attach(world):
    return {"model": ORDER, "id": world.orders[0], "name": "b.txt", "text": "b"}


def _print(world):
    return {"model": ORDER, "ids": [world.orders[0]], "report": REPORT}


def test_reading_needs_the_record_and_attaching_the_right_to_write_it(world, client, key, file, restrict):
    files = (ATTACHMENT, {})
    with restrict.scope(key, [(ORDER, {}), files], all_models=False):
        assert client.result("read_file", {"id": file})["text"] == "hello"
        assert client.result("attach_file", _attach(world))["id"]
    for lines, all_models in (
        ([(ORDER, {"off": ["write"]}), files], False),
        ([(ORDER, {"off": ["write"]})], True),
    ):
        with restrict.scope(key, lines, all_models=all_models):
            assert client.result("read_file", {"id": file})["text"] == "hello"
            assert "key_scope" in client.refusal("attach_file", _attach(world))
    for lines in ([files], [(PARTNER, {}), files], [(ORDER, {"off": ["read"]}), files], [(ORDER, {})]):
        with restrict.scope(key, lines, all_models=False):
            said = client.refusal("read_file", {"id": file})
            assert "hello" not in said
            # Only Odoo may tell which model a file belongs to.
            assert ORDER not in said
    for off in ("read", "create"):
        with restrict.scope(key, [(ORDER, {}), (ATTACHMENT, {"off": [off]})], all_models=False):
            client.refusal(
                "read_file" if off == "read" else "attach_file", {"id": file} if off == "read" else _attach(world)
            )
    with restrict.scope(key, read_only=True):
        listed = client.tools()
        assert "read_file" in listed
        assert "attach_file" not in listed
        assert client.result("read_file", {"id": file})["text"] == "hello"
        # PostgreSQL refuses every write in the transaction, and Odoo still renders the report.
        assert client.result("render_report", _print(world))["text"]


@pytest.mark.parametrize("what", [{"hidden": ["amount_total"]}, {"allowed": ["name"]}, {"domain": [["id", "!=", 0]]}])
def test_files_of_a_model_that_is_shown_in_part_are_out_of_reach(world, client, file, restrict, db, what):
    before = db.counts()["ir_attachment"]
    with restrict.access(ORDER, **what):
        assert "out of reach" in client.refusal("read_file", {"id": file})
        assert "out of reach" in client.refusal("attach_file", _attach(world))
    assert db.counts()["ir_attachment"] == before
    # Restrictions of another model do not matter.
    with restrict.access("crm.lead", **{**what, "hidden": ["email_from"], "allowed": ()}):
        assert client.result("read_file", {"id": file})["text"] == "hello"


def test_the_access_record_of_files_holds(world, client, file, restrict, db):
    for hidden in ("raw", "name", "mimetype"):
        with restrict.access(ATTACHMENT, hidden=[hidden]):
            assert "hidden" in client.refusal("read_file", {"id": file})
    before = db.counts()["ir_attachment"]
    with restrict.access(ATTACHMENT, domain=[["mimetype", "=", "text/csv"]]):
        assert str(file) in client.refusal("read_file", {"id": file})
        client.refusal("attach_file", _attach(world))
        assert db.counts()["ir_attachment"] == before
        made = client.result("attach_file", {**_attach(world), "name": "b.csv"})
        assert client.result("read_file", {"id": made["id"]})["text"] == "b"


def test_reports_are_refused_where_something_is_hidden_and_not_by_name_allowed(world, client, key, restrict):
    name = client.result("read", {"model": ORDER, "ids": [world.orders[0]], "fields": ["name"]})["rows"][0][1]
    printed = lambda: client.result("render_report", _print(world))["text"]  # noqa: E731
    refused = lambda: client.refusal("render_report", _print(world))  # noqa: E731
    assert name in printed()
    for model, what in (
        (ORDER, {"hidden": ["amount_total"]}),
        (ORDER, {"domain": [["id", "!=", 0]]}),
        # A report also shows data of other models.
        (PARTNER, {"hidden": ["email"]}),
        (PARTNER, {"off": ["read"]}),
        (PARTNER, {"groups": ["base.group_portal"]}),
    ):
        with restrict.access(model, **what):
            assert "blocked_method" in refused()
    with restrict.access(PARTNER, hidden=["email"]), restrict.access(ORDER, methods=REPORT):
        assert name in printed()
    with restrict.access(ORDER, hidden=["amount_total"], methods=f"action_confirm\n{REPORT}"):
        assert name in printed()
        with restrict.scope(key, [(ORDER, {"hidden": ["amount_tax"]})]):
            refused()
    for what in ({"blocked": REPORT}, {"methods": "action_confirm"}, {"off": ["read"]}):
        with restrict.access(ORDER, **what):
            refused()
    with restrict.scope(key, [(ORDER, {})], all_models=False):
        refused()
    with restrict.scope(key, [(ORDER, {"methods": REPORT})], all_models=False):
        assert name in printed()


def test_records_outside_the_domain_are_not_printed(world, client, restrict):
    inside, outside = world.orders[:2]
    with restrict.access(ORDER, domain=[["id", "!=", outside]], methods=REPORT):
        assert client.result("render_report", _print(world))["ids"] == [inside]
        assert str(outside) in client.refusal("render_report", {**_print(world), "ids": [inside, outside]})


def test_an_administrator_can_name_reports(world, door, db):
    odoo = world.json2(door)
    model_id = db.value("SELECT id FROM ir_model WHERE model = %s", ORDER)
    made = odoo.value(
        "mcp.access", "create", vals_list=[{"model_id": model_id, "allowed_methods": f"{REPORT}\naction_confirm"}]
    )
    try:
        for wrong in ("sale.report_no_such", "account.report_invoice"):
            answer = odoo.call("mcp.access", "write", ids=made, vals={"allowed_methods": wrong})
            assert answer.status >= 400
            assert wrong in json.dumps(answer.json)
    finally:
        odoo.value("mcp.access", "unlink", ids=made)

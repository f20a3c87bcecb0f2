"""Every call in docs/recipes.md works, and has the same effect in the database as Odoo's own interface."""

import json
import re

import pytest

from harness.paths import CHECKOUT

LEAD, ORDER = "crm.lead", "sale.order"
MESSAGE_FIELDS = "body, subject, message_type, subtype_id, author_id, email_from, model, res_id, is_internal"
CALLS = re.findall(r"```json\n(.*?)\n```", (CHECKOUT / "docs" / "recipes.md").read_text(), re.S)


@pytest.fixture
def ids(world, door):
    """The values of the placeholders: records of sally's, deleted or restored afterwards."""
    odoo = world.json2(door)
    lead, twin = odoo.value(LEAD, "create", vals_list=[{"name": "Twins", "user_id": world["sally"].id}] * 2)
    values = {"name": "a.txt", "datas": "aGVsbG8=", "res_model": LEAD, "res_id": lead}
    file = odoo.value("ir.attachment", "create", vals_list=[values])[0]
    kind = world.db.value("SELECT id FROM ir_model WHERE model = %s", LEAD)
    values = {"res_model_id": kind, "res_id": lead, "user_id": world["sally"].id, "summary": "before"}
    activity = odoo.value("mail.activity", "create", vals_list=[values])[0]
    order, user = world.orders[0], world["sally"].id
    yield {"LEAD": lead, "TWIN": twin, "ORDER": order, "USER": user, "FILE": file, "ACTIVITY": activity}
    odoo.value(LEAD, "unlink", ids=[lead, twin])
    domain = [["res_model", "=", ORDER], ["res_id", "=", world.orders[0]]]
    odoo.value("ir.attachment", "unlink", ids=odoo.value("ir.attachment", "search", domain=domain))


def _made(text, ids):
    call = json.loads(re.sub(r"\b[A-Z]{4,}\b", lambda found: str(ids[found[0]]), text))
    return call["name"], call["arguments"]


@pytest.mark.parametrize("text", CALLS, ids=lambda text: re.sub(r"\W+", " ", text)[8:70])
def test_every_call_of_the_page_works(sally, ids, text):
    tool, arguments = _made(text, ids)
    assert sally.result(tool, arguments)


def test_the_page_has_a_call_of_each_kind():
    tools = [json.loads(re.sub(r"\b[A-Z]{4,}\b", "1", text)) for text in CALLS]
    assert {call["name"] for call in tools} == {"search", "read_file", "attach_file", "render_report", "method_call"}
    methods = {call["arguments"].get("method") for call in tools} - {None}
    assert methods == {"message_post", "activity_schedule", "action_feedback"}


def _calls(method, **ids):
    found = [_made(text, {"LEAD": 1, **ids})[1] for text in CALLS if f'"{method}"' in text and "FILE" not in text]
    return [call["kwargs"] for call in found]


def test_what_is_posted_is_what_odoo_itself_posts(world, door, sally, ids, db):
    odoo = world.json2(door, "sally")
    given = [*_calls("message_post"), {"body": "<b>1 < 2</b> & so on\nnext"}, {"body": "x", "subject": "y"}]
    assert len(given) == 4
    for kwargs in given:
        arguments = {"model": LEAD, "method": "message_post", "ids": [ids["LEAD"]], "kwargs": kwargs}
        made = sally.result("method_call", arguments)["result"]
        assert made["model"] == "mail.message"
        odoo.value(LEAD, "message_post", ids=[ids["TWIN"]], **kwargs)
        newest = f"SELECT {MESSAGE_FIELDS} FROM mail_message WHERE model = %s AND res_id = %s ORDER BY id DESC LIMIT 1"
        ours, odoos = db.row(newest, LEAD, ids["LEAD"]), db.row(newest, LEAD, ids["TWIN"])
        assert (ours.pop("res_id"), odoos.pop("res_id")) == (ids["LEAD"], ids["TWIN"])
        assert ours == odoos
        assert ours["author_id"] == db.value("SELECT partner_id FROM res_users WHERE id = %s", world["sally"].id)
        assert "<b>" not in ours["body"]


def test_messages_are_read_as_odoo_has_them(world, door, sally, ids):
    (text,) = [text for text in CALLS if '"mail.message"' in text]
    tool, arguments = _made(text, ids)
    for body in ("first", "second"):
        world.json2(door).value(LEAD, "message_post", ids=[ids["LEAD"]], body=body)
    found = sally.result(tool, arguments)
    odoos = world.json2(door, "sally").value(
        "mail.message", "search_read", domain=arguments["domain"], fields=["body"], order="id desc"
    )
    body = found["columns"].index("body")
    assert [row[0] for row in found["rows"]] == [row["id"] for row in odoos]
    assert len(odoos) >= 2
    assert "second" in found["rows"][0][body]


def test_activities_are_planned_and_ended_as_odoo_does_it(world, door, sally, ids, db):
    (kwargs,) = _calls("activity_schedule", USER=world["sally"].id)
    arguments = {"model": LEAD, "method": "activity_schedule", "ids": [ids["LEAD"]], "kwargs": kwargs}
    made = sally.result("method_call", arguments)["result"]["ids"]
    world.json2(door, "sally").value(LEAD, "activity_schedule", ids=[ids["TWIN"]], **kwargs)
    fields = "activity_type_id, summary, date_deadline, user_id, res_model, automated"
    planned = f"SELECT {fields} FROM mail_activity WHERE res_model = %s AND res_id = %s AND summary = 'Send the offer'"
    ours, odoos = db.row(planned, LEAD, ids["LEAD"]), db.row(planned, LEAD, ids["TWIN"])
    assert ours == odoos
    assert (ours["user_id"], str(ours["date_deadline"])) == (world["sally"].id, "2030-01-31")
    arguments = {"model": "mail.activity", "method": "action_feedback", "ids": made, "kwargs": {"feedback": "Sent."}}
    sally.result("method_call", arguments)
    left = sally.result("count", {"model": "mail.activity", "domain": [["id", "in", made]]})
    assert left["count"] == 0
    said = "SELECT body FROM mail_message WHERE model = %s AND res_id = %s ORDER BY id DESC LIMIT 1"
    assert "Sent." in db.value(said, LEAD, ids["LEAD"])


def test_what_the_server_says_of_posting_works(sally, ids):
    """The server's instructions contain short versions of the same calls. The test runs each example in them."""
    told = sally.modern("server/discover").json["result"]["instructions"]
    note, message, todo = re.findall(r"\{.*?\}|\"subtype_xmlid\": \"[a-z_.]+\"", told)
    for method, kwargs in (
        ("message_post", json.loads(note)),
        ("message_post", {**json.loads(note), **json.loads("{" + message + "}")}),
        ("activity_schedule", json.loads(todo)),
    ):
        assert method in told
        arguments = {"model": LEAD, "method": method, "ids": [ids["LEAD"]], "kwargs": kwargs}
        assert sally.result("method_call", arguments)["result"]["ids"]


def test_others_records_are_refused_as_odoo_refuses_them(world, door, sally, db):
    other = world.leads[0]
    before = db.counts()
    for method, kwargs in (("message_post", {"body": "x"}), ("activity_schedule", {"summary": "x"})):
        arguments = {"model": LEAD, "method": method, "ids": [other], "kwargs": kwargs}
        said = sally.refusal("method_call", arguments)
        odoos = world.json2(door, "sally").call(LEAD, method, ids=[other], **kwargs)
        assert odoos.status == 403
        assert odoos.json["message"].splitlines()[0] in said
    after = db.counts()
    assert (before["mail_message"], before["mail_activity"]) == (after["mail_message"], after["mail_activity"])

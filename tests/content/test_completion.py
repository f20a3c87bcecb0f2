"""Completion at both doors: which values each user gets, without revealing data that the user may not read."""

import json

import pytest
from support import mcp, prompts

OPENED = ["ir.config_parameter", "mcp.session"]
pytestmark = pytest.mark.usefixtures("opened")

PROMPT = "test_completion"


@pytest.fixture
def complete(world, door):
    """Completes an argument as a user and returns the completion."""

    def run(argument, value="", login="admin", prompt=PROMPT, **given):
        answer = _ask(world.client(door, login), argument, value, prompt, given)
        assert answer.status == 200, answer.text
        completion = answer.json["result"]["completion"]
        assert len(completion["values"]) <= 100
        assert len(set(completion["values"])) == len(completion["values"])
        return completion

    return run


def _ask(client, argument, value="", prompt=PROMPT, given=None):
    params = {
        "ref": {"type": "ref/prompt", "name": prompt},
        "argument": {"name": argument, "value": value},
        "context": {"arguments": given or {}},
    }
    return client.modern("completion/complete", params)


NOTHING = {"values": [], "total": 0, "hasMore": False}


def test_a_fixed_list(complete):
    assert complete("list") == {"values": ["Spring", "Summer", "Late summer", "Autumn"], "total": 4, "hasMore": False}
    assert complete("list", "SUM")["values"] == ["Summer", "Late summer"]
    assert complete("list", "atumn")["values"] == ["Autumn"]
    assert complete("list", "zzz") == NOTHING
    assert complete("shade", "x") == NOTHING


def test_models_are_those_that_the_user_may_read(complete, world, door):
    for login in ("admin", "sally", "petra"):
        for value in ("", "res.", "sale", "ir.config", "Contact"):
            found = complete("model", value, login)
            for model in found["values"]:
                assert world.json2(door, login).value(model, "has_access", ids=[], operation="read") is True, model
    everything = complete("model")
    assert len(everything["values"]) == 100 and everything["total"] > 100 and everything["hasMore"] is True
    assert "ir.config_parameter" in complete("model", "ir.config")["values"]
    for login in ("sally", "olga", "petra"):
        assert "ir.config_parameter" not in complete("model", "ir.config_parameter", login)["values"]
    assert complete("model", "res.partner")["values"][0] == "res.partner"


def test_fields_of_the_model_in_another_argument(complete, world, door):
    assert complete("field", "name", model="res.partner")["values"][0] == "name"
    everything = complete("field", "", model="res.partner")
    expected = world.json2(door).value("res.partner", "fields_get", attributes=["string"])
    assert everything["total"] == len(expected) > 100 and everything["values"] == sorted(expected)[:100]
    # A field that needs a group, and models that are unknown, hidden or empty.
    assert complete("field", "session_id", model="mcp.session")["values"] == ["session_id"]
    assert "session_id" not in complete("field", "session_id", "sally", model="mcp.session")["values"]
    hidden = ("ir.config_parameter", "no.such.model", "mail.thread", "base.module.update", "", "x" * 100_000, "a b'")
    for model in hidden:
        assert complete("field", "", "sally", model=model) == NOTHING
        assert complete("record", "", "sally", model=model) == NOTHING
    assert complete("field", "name") == NOTHING


def test_records_are_those_that_odoo_offers_the_user(complete, world, door):
    """The reference is Odoo's own name_search."""
    for login in ("admin", "sally", "olga", "petra"):
        for model in ("res.partner", "crm.lead", "sale.order", "res.users", "product.product", "mcp.prompt"):
            for value in ("", "Zebra", "a", "%", "S0", '"; --'):
                answer = world.json2(door, login).call(model, "name_search", name=value, limit=101)
                found = complete("record", value, login, model=model)
                if answer.status == 403:
                    assert found == NOTHING, (login, model)
                    continue
                names = list(dict.fromkeys(name for _id, name in answer.json[:100]))
                assert found["values"] == names, (login, model, value)
                assert found["hasMore"] == (len(answer.json) > 100)
                assert ("total" in found) == (len(answer.json) <= 100)


def test_records_of_others_are_not_offered(complete):
    rival, lead = "Zebra of the Rival", "Zebra's lead 0"
    assert complete("partner", rival, "olga")["values"] == [rival]
    for login in ("sally", "petra"):
        assert complete("partner", rival, login) == NOTHING
        assert complete("record", rival, login, model="res.partner") == NOTHING
    assert complete("record", lead, model="crm.lead")["values"] == [lead]
    for login in ("sally", "olga", "petra"):
        assert complete("record", lead, login, model="crm.lead") == NOTHING
    assert complete("record", "Zebra's lead 1", "sally", model="crm.lead")["values"] == ["Zebra's lead 1"]


def test_a_model_that_the_user_may_not_read_reaches_odoo_not_even_once(complete, db):
    mark = db.audit_mark()
    complete("record", "database", "sally", model="ir.config_parameter")
    complete("record", "database", "sally", model="no.such.model")
    assert [(row["path"], row["status"], row["row_count"]) for row in db.audit_since(mark)] == [("core", "ok", 0)] * 2


def test_modules_and_companies(complete, world, door):
    assert "odoo_mcp" in complete("module", "odoo_mcp")["values"]
    assert "sale" in complete("module", "Sales")["values"]
    readable = world.json2(door, "petra").call("ir.module.module", "search_count", domain=[]).status == 200
    assert readable is False and complete("module", "", "petra") == NOTHING
    assert complete("company", "", "olga")["values"] == ["Rival Company"]
    assert "Rival Company" not in complete("company", "", "sally")["values"]


def test_a_kind_of_another_app(complete):
    assert complete("color", "g", shade="dark")["values"] == ["dark green"]
    assert complete("color")["values"] == ["plain red", "plain green"]


def test_what_is_wrong_is_named(world, door):
    user = world.client(door, "sally")

    def refused(params, *words):
        answer = user.modern("completion/complete", params)
        assert (answer.status, answer.code) == (200, mcp.INVALID_PARAMS), answer.text
        assert all(word in answer.message for word in words), answer.message

    reference = {"type": "ref/prompt", "name": PROMPT}
    argument = {"name": "list", "value": ""}
    refused({}, "params.ref.type")
    refused({"ref": {"type": "ref/tool", "name": "search"}, "argument": argument}, "ref/prompt", "ref/tool")
    refused({"ref": {"type": "ref/prompt"}, "argument": argument}, "params.ref.name")
    refused({"ref": {"type": "ref/prompt", "name": "test_completon"}, "argument": argument}, f"`{PROMPT}`")
    refused({"ref": {"type": "ref/resource"}, "argument": argument}, "params.ref.uri")
    refused({"ref": {"type": "ref/resource", "uri": "no-such://{list}"}, "argument": argument}, "no-such://{list}")
    refused({"ref": reference}, "params.argument.name")
    refused({"ref": reference, "argument": {"name": "list"}}, "params.argument.value")
    refused({"ref": reference, "argument": {"name": "list", "value": 5}}, "params.argument.value")
    refused({"ref": reference, "argument": {"name": "lsit", "value": ""}}, '"lsit"', "`list`")
    refused({"ref": reference, "argument": argument, "context": 5}, "params.context")
    refused({"ref": reference, "argument": argument, "context": {"arguments": []}}, "params.context.arguments")
    refused({"ref": reference, "argument": argument, "context": {"arguments": {"modle": "x"}}}, '"modle"', "`model`")
    refused({"ref": reference, "argument": argument, "context": {"arguments": {"model": 5}}}, '"model"', "a string")


def test_values_of_any_length_and_kind_are_taken(complete):
    for value in ("x" * 1_000_000, "%", "_", "\\", "' OR 1=1 --", "{model}", "\U0001f600"):
        assert complete("partner", value)["hasMore"] in (True, False)
        assert complete("model", value)["total"] >= 0
    assert complete("partner", "x" * 1_000_000) == NOTHING


def test_another_users_prompt_is_not_completed(complete, world, door):
    vals = prompts.values("own_completion", arguments=())
    vals["message_ids"] = [[0, 0, {"text": "{who}"}]]
    vals["argument_ids"] = [[0, 0, {"name": "who", "completion": "values", "completion_values": "secret\nplan"}]]
    with prompts.made(world.json2(door, "sally"), vals):
        assert complete("who", "", "sally", prompt="own_completion")["values"] == ["secret", "plan"]
        for login in ("admin", "olga"):
            answer = _ask(world.client(door, login), "who", prompt="own_completion")
            assert answer.code == mcp.INVALID_PARAMS and "`own_completion`" not in answer.message


@pytest.mark.parametrize("version", mcp.HANDSHAKE)
def test_every_handshake_version_completes(world, door, version):
    user = world.client(door)
    user.initialize(version)
    params = {"ref": {"type": "ref/prompt", "name": PROMPT}, "argument": {"name": "list", "value": "aut"}}
    result = user.legacy("completion/complete", params).json["result"]
    assert result == {"completion": {"values": ["Autumn"], "total": 1, "hasMore": False}}


def test_every_completion_leaves_one_row(world, door, db):
    user = world.client(door, "sally")
    for argument, value, path, model in (
        ("list", "a", "core", None),
        ("partner", "Zebra Customer", "orm", "res.partner"),
        ("nonsense", "", "core", None),
    ):
        mark = db.audit_mark()
        _ask(user, argument, value)
        [row] = db.audit_since(mark)
        assert (row["method"], row["prompt"], row["path"], row["model"]) == ("completion/complete", PROMPT, path, model)
        assert row["request"]["argument"] == {"name": argument, "value": value}
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0
    assert "Zebra" in json.dumps(db.rows("SELECT request FROM mcp_audit_log WHERE model = 'res.partner'"))

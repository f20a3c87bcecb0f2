"""Forbidden changes fail along every path, and allowed changes work. Each case has a control."""

import contextlib
import json

import pytest
from support import policy, sample, summary

CATEGORY, PARTNER = "res.partner.category", "res.partner"
OUTSIDE = [["name", "not like", "kept"]]


class Change:
    """One way to change a record of the restricted model: its requirements, and a check whether the change happened."""

    def __init__(self, operation, ask, done):
        self.operation = operation
        self.ask = ask
        self.done = done


def _named(db, table, number, column="name"):
    return db.value(f"SELECT {column}::text FROM {table} WHERE id = %s", number)


def _posted(case, db):
    return db.value("SELECT count(*) FROM mail_message WHERE body LIKE %s", f"%{case['mark']}%") == 1


def _method(name, word):
    """Calls a method of the child, with the marker as its named argument."""

    def ask(case):
        call = {"model": PARTNER, "method": name, "ids": [case["child"]]}
        return "method_call", {**call, "kwargs": json.dumps({word: case["mark"]})}

    return ask


def _planned(case, db):
    return db.value("SELECT count(*) FROM mail_activity WHERE summary = %s", case["mark"]) == 1


def _attached(case, db):
    named = "SELECT count(*) FROM ir_attachment WHERE name = %s AND res_model = %s AND res_id = %s"
    return db.value(named, case["mark"], PARTNER, case["child"])


# Partners are the restricted model. `case` has a partner named "kept", its parent, and a user whose own values lead to
# it.
WAYS = {
    "write": Change(
        "write",
        lambda c: ("write", {"model": PARTNER, "ids": [c["child"]], "values": json.dumps({"name": "changed"})}),
        lambda c, db: _named(db, "res_partner", c["child"]) == "changed",
    ),
    "unlink": Change(
        "unlink",
        lambda c: ("unlink", {"model": PARTNER, "ids": [c["child"]]}),
        lambda c, db: _named(db, "res_partner", c["child"]) is None,
    ),
    "create": Change(
        "create",
        lambda c: ("create", {"model": PARTNER, "values": json.dumps({"name": "kept and made", "ref": c["mark"]})}),
        lambda c, db: db.value("SELECT count(*) FROM res_partner WHERE ref = %s", c["mark"]) == 1,
    ),
    "nested write": Change(
        "write",
        lambda c: (
            "write",
            {
                "model": CATEGORY,
                "ids": [c["category"]],
                "values": json.dumps({"partner_ids": [[1, c["child"], {"name": "changed"}]]}),
            },
        ),
        lambda c, db: _named(db, "res_partner", c["child"]) == "changed",
    ),
    "nested create": Change(
        "create",
        lambda c: (
            "write",
            {
                "model": CATEGORY,
                "ids": [c["category"]],
                "values": json.dumps({"partner_ids": [[0, 0, {"name": "kept and made", "ref": c["mark"]}]]}),
            },
        ),
        lambda c, db: db.value("SELECT count(*) FROM res_partner WHERE ref = %s", c["mark"]) == 1,
    ),
    "nested unlink": Change(
        "unlink",
        lambda c: (
            "write",
            {"model": CATEGORY, "ids": [c["category"]], "values": json.dumps({"partner_ids": [[2, c["child"]]]})},
        ),
        lambda c, db: _named(db, "res_partner", c["child"]) is None,
    ),
    "nested in a nested": Change(
        "write",
        lambda c: (
            "create",
            {
                "model": CATEGORY,
                "values": json.dumps(
                    {
                        "name": "outer",
                        "child_ids": [[0, 0, {"name": "inner", "partner_ids": [[1, c["child"], {"name": "changed"}]]}]],
                    }
                ),
            },
        ),
        lambda c, db: _named(db, "res_partner", c["child"]) == "changed",
    ),
    "method": Change(
        "call",
        _method("message_post", "body"),
        lambda c, db: _posted(c, db),
    ),
    # As in Odoo, adding something to a record needs the right to write the record.
    "post": Change(
        "write",
        _method("message_post", "body"),
        lambda c, db: _posted(c, db),
    ),
    "plan": Change(
        "write",
        _method("activity_schedule", "summary"),
        lambda c, db: _planned(c, db),
    ),
    "message": Change(
        "write",
        lambda c: (
            "create",
            {
                "model": "mail.message",
                "values": json.dumps({"model": PARTNER, "res_id": c["child"], "body": c["mark"]}),
            },
        ),
        lambda c, db: _posted(c, db),
    ),
    "activity": Change(
        "write",
        lambda c: (
            "create",
            {
                "model": "mail.activity",
                "values": json.dumps({"res_model_id": c["model_id"], "res_id": c["child"], "summary": c["mark"]}),
            },
        ),
        lambda c, db: _planned(c, db),
    ),
    "message beneath another": Change(
        "write",
        lambda c: (
            "write",
            {
                "model": "mail.message",
                "ids": [c["message"]],
                "values": json.dumps(
                    {"child_ids": [[0, 0, {"model": PARTNER, "res_id": c["child"], "body": c["mark"]}]]}
                ),
            },
        ),
        lambda c, db: _posted(c, db),
    ),
    "draft of an activity": Change(
        "write",
        lambda c: (
            "create",
            {
                "model": "mail.activity.schedule",
                "values": json.dumps({"res_model": PARTNER, "res_ids": f"[{c['child']}]", "summary": c["mark"]}),
            },
        ),
        lambda c, db: db.value("SELECT count(*) FROM mail_activity_schedule WHERE summary = %s", c["mark"]) == 1,
    ),
    "attach": Change(
        "write",
        lambda c: ("attach_file", {"model": PARTNER, "id": c["child"], "name": c["mark"], "text": "x"}),
        lambda c, db: _attached(c, db) == 1,
    ),
    "attachment": Change(
        "write",
        lambda c: (
            "create",
            {
                "model": "ir.attachment",
                "values": json.dumps({"name": c["mark"], "raw": "eA==", "res_model": PARTNER, "res_id": c["child"]}),
            },
        ),
        lambda c, db: _attached(c, db) == 1,
    ),
    "attachment moved": Change(
        "write",
        lambda c: (
            "write",
            {
                "model": "ir.attachment",
                "ids": [c["file"]],
                "values": json.dumps({"name": c["mark"], "res_model": PARTNER, "res_id": c["child"]}),
            },
        ),
        lambda c, db: _attached(c, db) == 1,
    ),
    "attachment deleted": Change(
        "write",
        lambda c: ("unlink", {"model": "ir.attachment", "ids": [c["own_file"]]}),
        lambda c, db: _named(db, "ir_attachment", c["own_file"]) is None,
    ),
}


@contextlib.contextmanager
def _nothing(made, key, way):
    yield


def _off(made, key, way):
    return made.access(PARTNER, off=[way.operation])


def _off_by_scope(made, key, way):
    return made.scope(key, [(PARTNER, {"off": [way.operation]})])


def _not_in_scope(made, key, way):
    return made.scope(key, [(CATEGORY, {})], all_models=False)


def _read_only(made, key, way):
    return made.setting("read_only", "True")


def _read_only_scope(made, key, way):
    return made.scope(key, read_only=True)


def _groups(made, key, way):
    return made.access(PARTNER, groups=["base.group_portal"])


def _domain(made, key, way):
    return made.access(PARTNER, domain=OUTSIDE)


def _domain_of_scope(made, key, way):
    return made.scope(key, [(PARTNER, {"domain": OUTSIDE})])


def _hidden(made, key, way):
    return made.access(PARTNER, hidden=["name", "ref"])


def _not_allowed(made, key, way):
    return made.access(PARTNER, allowed=["phone"])


def _no_default(made, key, way):
    return made.setting("default_access", "none")


def _no_scope(made, key, way):
    """A key that was created with a scope and has lost it."""
    number = made.db.value("SELECT id FROM res_users_apikeys WHERE index = %s", key[:8])
    return policy.without_scope(made.db, number)


def _archived_scope(made, key, way):
    return made.scope(key, active=False)


def _expired_scope(made, key, way):
    return made.scope(key, expires="2020-01-01 00:00:00")


def _other_tools(made, key, way):
    return made.scope(key, tools=["search"])


KINDS = {
    "operation off": _off,
    "operation off by scope": _off_by_scope,
    "not in scope": _not_in_scope,
    "read-only": _read_only,
    "read-only scope": _read_only_scope,
    "groups": _groups,
    "record domain": _domain,
    "record domain of scope": _domain_of_scope,
    "hidden": _hidden,
    "not allowed": _not_allowed,
    "no access record": _no_default,
    "no scope": _no_scope,
    "archived scope": _archived_scope,
    "expired scope": _expired_scope,
    "other tools": _other_tools,
}
# Deletion names no field, so these combinations make no sense.
SENSELESS = {(kind, way) for kind in ("hidden", "not allowed") for way in ("unlink", "nested unlink")}
CHOSEN = sample.some("changes", KINDS, 6)
CELLS = [(kind, way) for kind in CHOSEN for way in WAYS if (kind, way) not in SENSELESS]
ran = []


@pytest.fixture
def case(world, door, request):
    """A partner named "kept" in a category."""
    odoo = world.json2(door)
    mark = f"mark-{abs(hash(request.node.name)) % 10**12}"
    (child,) = odoo.value(PARTNER, "create", vals_list=[{"name": "kept"}])
    vals = {"name": "outside", "partner_ids": [[6, 0, [child]]]}
    (category,) = odoo.value(CATEGORY, "create", vals_list=[vals])
    file, own_file = odoo.value(
        "ir.attachment", "create", vals_list=[{"name": "free"}, {"name": "own", "res_model": PARTNER, "res_id": child}]
    )
    (message,) = odoo.value("mail.message", "create", vals_list=[{"body": "free"}])
    model_id = world.db.value("SELECT id FROM ir_model WHERE model = %s", PARTNER)
    yield {
        "child": child,
        "category": category,
        "mark": mark,
        "file": file,
        "own_file": own_file,
        "message": message,
        "model_id": model_id,
    }
    world.db.run("DELETE FROM mail_message WHERE id = %s OR parent_id = %s", message, message)
    odoo.value(
        "ir.attachment", "unlink", ids=odoo.value("ir.attachment", "search", domain=[["id", "in", [file, own_file]]])
    )
    categories = odoo.value(CATEGORY, "search", domain=["|", ["id", "=", category], ["name", "in", ["outer", "inner"]]])
    odoo.value(CATEGORY, "unlink", ids=categories)
    partners = odoo.value(PARTNER, "search", domain=["|", ["id", "=", child], ["ref", "=", mark]])
    odoo.value(PARTNER, "unlink", ids=partners)


@pytest.fixture
def client(world, door):
    """An administrator with a key that can have a scope."""
    return world.client(door, "admin", "mcp")


@pytest.mark.parametrize("way", WAYS)
def test_unrestricted_it_is_done(client, db, case, way):
    change = WAYS[way]
    tool, arguments = change.ask(case)
    answer = client.call(tool, arguments).json
    assert answer["result"]["isError"] is False, answer
    assert change.done(case, db)


@pytest.mark.parametrize(("kind", "way"), CELLS)
def test_restricted_it_is_not_done_and_says_so(world, client, db, case, kind, way):
    change = WAYS[way]
    tool, arguments = change.ask(case)
    mark, total = db.audit_mark(), db.audit_total()
    with KINDS[kind](policy.Restrictions(db), world["admin"].keys["mcp"], change):
        answer = client.call(tool, arguments)
    is_out, answer = answer.status in (401, 403), answer.json
    assert not change.done(case, db)
    refused = answer.get("error", {}).get("message") or answer["result"]["content"][0]["text"]
    assert "error" in answer or answer["result"]["isError"] is True
    assert db.audit_total() == total + 1
    # A key whose scope is not in force is refused at the gate. Its refusals share one counted row.
    if not is_out:
        (row,) = db.audit_since(mark)
        # The server does not know tools that the caller lacks.
        assert row["status"] == "denied" or "Unknown tool" in refused, row
    ran.append((kind, way))
    summary.add(
        "policy: ways to change, restrictions, doors",
        f"{len(ran)} cells of {len(CHOSEN)} of {len(KINDS)} restrictions, {len(WAYS)} controls",
    )


def test_what_becomes_of_a_record_must_be_within_the_domain_too(client, db, case, restrict):
    inside = [["name", "like", "kept"]]
    values = json.dumps({"name": "changed"})
    with restrict.access(PARTNER, domain=inside):
        said = client.refusal("write", {"model": PARTNER, "ids": [case["child"]], "values": values})
        assert str(case["child"]) in said
        assert _named(db, "res_partner", case["child"]) == "kept"
        client.refusal("create", {"model": PARTNER, "values": json.dumps({"name": "other", "ref": case["mark"]})})
        assert db.value("SELECT count(*) FROM res_partner WHERE ref = %s", case["mark"]) == 0
        client.result("write", {"model": PARTNER, "ids": [case["child"]], "values": json.dumps({"phone": "5"})})
        made = client.result(
            "create", {"model": PARTNER, "values": json.dumps({"name": "kept too", "ref": case["mark"]})}
        )
        assert made["names"] == ["kept too"]


def test_a_record_outside_cannot_be_named_as_a_value(client, db, case, restrict):
    other = client.result("create", {"model": PARTNER, "values": json.dumps({"name": "mine", "ref": case["mark"]})})
    number = other["ids"][0]
    link = {"model": PARTNER, "ids": [number], "values": json.dumps({"parent_id": case["child"]})}
    with restrict.access(PARTNER, domain=OUTSIDE):
        assert str(case["child"]) in client.refusal("write", link)
        tag = {"partner_ids": [[4, case["child"]]]}
        client.refusal("write", {"model": CATEGORY, "ids": [case["category"]], "values": json.dumps(tag)})
        for command in ([5], [6, 0, [number]], [0, 0, {"name": "x"}]):
            tag = {"partner_ids": [command]}
            said = client.refusal("write", {"model": CATEGORY, "ids": [case["category"]], "values": json.dumps(tag)})
            assert "the policy hides records" in said
    client.result("write", link)


def test_a_scope_limits_tools_and_they_are_not_even_listed(world, client, restrict):
    key = world["admin"].keys["mcp"]
    assert {"write", "search", "explain_access"} <= set(client.tools())
    with restrict.scope(key, tools=["search", "write"]):
        assert set(client.tools()) == {"search", "write"}
        answer = client.call("read", {"model": PARTNER, "ids": [1]})
        assert "Unknown tool" in answer.text
        assert "`create`" not in client.call("creat", {}).text
    with restrict.scope(key, read_only=True):
        listed = client.tools()
        assert "search" in listed
        assert all(tool["annotations"]["readOnlyHint"] for tool in listed.values())
    with restrict.setting("read_only", "True"):
        assert all(tool["annotations"]["readOnlyHint"] for tool in client.tools().values())
    with restrict.scope(key, active=False):
        answer = client.modern("tools/list")
        assert "search" not in answer.text
    assert "write" in client.tools()


# Methods of other apps: each creates a record, and declares itself as read-only or declares nothing.
WRITERS = {
    "tool": lambda client: client.call("test_reader", {}),
    "resource": lambda client: client.modern("resources/read", {"uri": "mcp-test://notes/be/kept"}),
    "prompt": lambda client: client.modern("prompts/get", {"name": "test_greet", "arguments": {"name": "someone new"}}),
}
MADE = ["Note from be", "Greeted for the first time", "Made by a reader"]


@pytest.mark.parametrize("writer", sorted(WRITERS))
def test_where_nothing_may_be_changed_no_code_of_another_app_does(world, client, restrict, writer):
    key, ask = world["admin"].keys["mcp"], WRITERS[writer]
    made = "SELECT count(*) FROM mcp_test_item WHERE name = ANY(%s)"
    for restriction in (lambda: restrict.setting("read_only", "True"), lambda: restrict.scope(key, read_only=True)):
        before = world.db.value(made, MADE)
        with restriction():
            answer = ask(client)
            assert "[read_only]" in answer.text, answer.text
            assert world.db.value(made, MADE) == before
            row = world.db.value("SELECT status FROM mcp_audit_log ORDER BY id DESC LIMIT 1")
            assert row == "denied"
            # Reading still works.
            assert client.result("count", {"model": PARTNER})["count"] > 0
        assert "[read_only]" not in ask(client).text
        assert world.db.value(made, MADE) == before + 1
        world.db.run("DELETE FROM mcp_test_item WHERE name = ANY(%s)", MADE)


def test_a_key_for_named_models_reads_nothing_that_other_apps_make(world, client, restrict):
    key = world["admin"].keys["mcp"]
    asks = [WRITERS["prompt"], lambda client: client.modern("resources/read", {"uri": "mcp-test://user"})]
    with restrict.scope(key, all_models=False, lines=[(PARTNER, {})]):
        assert client.result("count", {"model": PARTNER})["count"] > 0
        for ask in asks:
            answer = ask(client)
            assert "named models only" in answer.text, answer.text
        template = {"type": "ref/resource", "uri": "mcp-test://notes/{country}/{topic}"}
        params = {"ref": template, "argument": {"name": "country", "value": "b"}}
        assert "named models only" in client.modern("completion/complete", params).text
    for ask in asks:
        assert "named models only" not in ask(client).text
    world.db.run("DELETE FROM mcp_test_item WHERE name = ANY(%s)", MADE)

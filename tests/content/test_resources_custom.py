"""Resources that administrators and other apps add, invalid URIs, completion, and audit rows."""

import base64
import contextlib

import pytest
from support import mcp, resources

GIF = base64.b64encode(b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00").decode()
RECORD = "odoo://record/{model}/{id}"


@pytest.fixture
def add(world, door):
    """Adds resources in Odoo with a form's values. Deletes them at the end."""
    odoo = world.json2(door)
    numbers = []

    def make(uri, **values):
        (number,) = odoo.value("mcp.resource", "create", vals_list=[{"name": uri, "uri": uri, **values}])
        numbers.append(number)
        return number

    yield make
    for number in numbers:
        assert odoo.value("mcp.resource", "unlink", ids=[number]) is True


# -- resources of administrators ----------------------------------------------------------------------


def test_a_text(world, door, add, admin, sally):
    text = 'Goods come back within 14 days.\n# "Rückgabe" — 日本語 \u2028'
    number = add("docs://returns", text=text, mime_type="text/markdown", title="Returns", audience="both", priority=0.5)
    listed = {one["uri"]: one for one in resources.listed(sally)[0]}["docs://returns"]
    assert (listed["title"], listed["mimeType"], listed["size"]) == ("Returns", "text/markdown", len(text.encode()))
    assert listed["annotations"].pop("lastModified").endswith("Z")
    assert listed["annotations"] == {"audience": ["user", "assistant"], "priority": 0.5}
    assert resources.text(sally, "docs://returns", "text/markdown") == text
    # A change takes effect at once, and so does its removal.
    odoo = world.json2(door)
    odoo.value("mcp.resource", "write", ids=[number], vals={"text": "Never."})
    assert resources.text(admin, "docs://returns", "text/markdown") == "Never."
    odoo.value("mcp.resource", "write", ids=[number], vals={"active": False})
    assert resources.refusal(admin, "docs://returns")["data"] == {"uri": "docs://returns"}
    assert "docs://returns" not in resources.uris(admin)[0]


def test_a_file(add, sally):
    add("docs://dot", kind="binary", data=GIF)
    assert resources.blob(sally, "docs://dot", "image/gif") == base64.b64decode(GIF)


def test_a_limit(add, sally):
    add("docs://long", text="x" * 1001, most_kb=1)
    assert "1001" in resources.refusal(sally, "docs://long")["message"]
    add("docs://longer", text="x" * 300_000)
    assert "300000" in resources.refusal(sally, "docs://longer")["message"]
    add("docs://longest", text="x" * 300_000, most_kb=300)
    assert len(resources.text(sally, "docs://longest")) == 300_000


def test_groups(world, door, add, admin, sally):
    domain = [["module", "=", "base"], ["name", "=", "group_system"]]
    group = world.json2(door).value("ir.model.data", "search_read", domain=domain, fields=["res_id"])[0]["res_id"]
    add("docs://secret", text="for some", group_ids=[[6, 0, [group]]])
    add("docs://secret/{x}", kind="method", method="_resource_test_pixel", group_ids=[[6, 0, [group]]])
    assert resources.text(admin, "docs://secret") == "for some"
    assert "docs://secret/{x}" in resources.uris(admin)[1]
    single, templates = resources.uris(sally)
    assert not {"docs://secret", "docs://secret/{x}"} & {*single, *templates}
    for uri in ("docs://secret", "docs://secret/a"):
        error = resources.refusal(sally, uri)
        assert error["code"] == mcp.INVALID_PARAMS
        assert "Did you mean" not in error["message"]


def test_a_field_of_a_record(world, door, add, sally):
    odoo = world.json2(door)
    (own,) = odoo.value("res.company", "read", ids=[world.main], fields=["logo", "name"])
    add("company://name", kind="field", res_model="res.company", res_id=world.main, res_field="name")
    add("company://{id}/logo", kind="field", res_model="res.company", res_field="logo", most_kb=500)
    assert resources.text(sally, "company://name") == own["name"]
    logo = resources.part(sally, f"company://{world.main}/logo")
    assert logo["mimeType"].startswith("image/")
    assert base64.b64decode(logo["blob"]) == base64.b64decode(own["logo"])
    # A user who may not read the record learns nothing from its URI.
    add("partner://rival", kind="field", res_model="res.partner", res_id=world.partners[3], res_field="name")
    assert "Zebra" in resources.text(world.client(door, "olga"), "partner://rival")
    assert "Zebra" not in str(resources.refusal(sally, "partner://rival"))


def test_only_administrators_change_resources(world, door):
    for login in ("sally", "petra"):
        odoo = world.json2(door, login)
        for method, arguments in (
            ("create", {"vals_list": [{"name": "mine", "uri": "x://x"}]}),
            ("write", {"ids": [1], "vals": {"name": "x"}}),
            ("unlink", {"ids": [1]}),
            ("search_read", {"domain": []}),
        ):
            assert odoo.call("mcp.resource", method, **arguments).status == 403, (login, method)


def test_the_methods_are_nobodys_to_call_but_the_cores(world, door, admin):
    odoo = world.json2(door)
    for method in ("_resource_value", "_resource_call", "_resource_complete"):
        assert odoo.call("mcp.resource", method, ids=[]).status in (403, 404, 422)
        text = admin.refusal("method_call", {"model": "mcp.resource", "method": method})
        assert "private" in text or method in text


# -- resources of other apps --------------------------------------------------------------------------


def test_methods_of_another_app(world, sally, provoke):
    provoke(r"odoo\.addons\.odoo_mcp\.execution\.executor: MCP call \S+ \(_resource_call\) failed")
    assert resources.text(sally, "mcp-test://notes/be/holidays") == "holidays in be, for sally"
    assert resources.text(sally, "mcp-test://notes/c%C3%B4te/a%2Fb%20c") == "a/b c in côte, for sally"
    assert resources.blob(sally, "mcp-test://pixel", "image/png").startswith(b"\x89PNG")
    user = resources.value(sally, "mcp-test://user")
    assert (user["login"], user["su"]) == ("sally", False)
    assert user["context"] == {"lang": "en_US", "tz": "America/New_York", "allowed_company_ids": [world.main]}
    nothing = resources.refusal(sally, "mcp-test://notes/be/nothing")
    assert nothing["data"] == {"uri": "mcp-test://notes/be/nothing"}
    assert resources.refusal(sally, "mcp-test://notes/be/wrong")["message"] == "There are no notes about that."
    broken = resources.refusal(sally, "mcp-test://notes/be/broken")
    assert broken["code"] == mcp.INTERNAL_ERROR
    assert "hunter2" not in str(broken)


def test_several_contents_and_other_ends(sally):
    result = resources.read(sally, "mcp-test://parts/all").json["result"]
    assert [(one["uri"], one["mimeType"], *sorted(set(one) - {"uri", "mimeType"})) for one in result["contents"]] == [
        ("mcp-test://parts/all", "text/plain", "text"),
        ("mcp-test://parts/all", "image/png", "blob"),
        ("mcp-test://parts/two", "image/png", "blob"),
    ]
    assert "parts." in resources.refusal(sally, "mcp-test://parts/error")["message"]
    assert "link" in resources.refusal(sally, "mcp-test://parts/link")["message"]


def test_a_resource_may_ask_the_client(sally):
    uri = "mcp-test://parts/ask"
    able = {mcp.META + "clientCapabilities": {"elicitation": {}}}
    asked = sally.modern("resources/read", {"uri": uri, "_meta": able}).json["result"]
    assert asked["resultType"] == "input_required"
    assert asked["inputRequests"]["name"]["method"] == "elicitation/create"
    assert not {"ttlMs", "cacheScope", "contents"} & set(asked)
    answer = {"name": {"action": "accept", "content": {}}}
    again = {"uri": uri, "inputResponses": answer, "requestState": asked["requestState"], "_meta": able}
    result = sally.modern("resources/read", again).json["result"]
    assert result["contents"][0]["text"] == "It is accept."
    elsewhere = {**again, "uri": "mcp-test://parts/ask2"}
    assert "error" in sally.modern("resources/read", elsewhere).json


def test_the_template_with_most_fixed_text_is_meant(add, sally):
    add("mcp-test://notes/de/{topic}", kind="method", method="_resource_test_pixel", sequence=5000)
    error = resources.refusal(sally, "mcp-test://notes/de/holidays")
    # The resource's method takes no variables, so the server returns an error. The other template would have answered.
    assert "_resource_test_pixel" in error["message"]
    assert resources.text(sally, "mcp-test://notes/be/holidays").startswith("holidays in be")
    add("mcp-test://notes/de/holidays", text="A single address goes before all templates.")
    assert resources.text(sally, "mcp-test://notes/de/holidays").startswith("A single address")


# -- invalid URIs -------------------------------------------------------------------------------------

NOWHERE = [
    "odoo://system/",
    "odoo://System",
    "ODOO://system",
    "odoo://system?x=1",
    "odoo://syst%65m",
    "odoo:system",
    "odoo://",
    "system",
    "",
    " odoo://system",
    "odoo://system\n",
    "odoo://sýstem",
    "odoo://record/res.partner/1/../2",
    "odoo://record/res.partner/1/../../../system",
    "odoo://record/res.partner/1%2F..%2F2",
    "odoo://record/res.partner/..%2F..%2Fsystem",
    "odoo://record/res%2Fpartner/1",
    "odoo://record//1",
    "odoo://record/res.partner/",
    "odoo://record/res.partner/0",
    "odoo://record/res.partner/-1",
    "odoo://record/res.partner/1%20",
    "odoo://record/res.partner/1.0",
    "odoo://record/res.partner/1e0",
    "odoo://record/res.partner/0x1",
    "odoo://record/res.partner/1,2",
    "odoo://record/res.partner/2147483648",
    "odoo://record/res.partner/9223372036854775808",
    "odoo://record/res.partner/" + "9" * 400,
    "odoo://record/res.partner/1%00",
    "odoo://record/res.partner/%00",
    "odoo://record/res.partner/1%0d%0a",
    "odoo://record/res.partner/%c0%af",
    "odoo://record/res.partner/%ff",
    "odoo://record/res.partner/%",
    "odoo://record/res.partner/%zz",
    "odoo://record/RES.PARTNER/1",
    "odoo://record/res_partner/1",
    "odoo://record/res.partner%3B--/1",
    "odoo://record/res.partner'%20OR%20'1'='1/1",
    "odoo://record/__class__/1",
    "odoo://record/res.partner/1/__class__",
    "odoo://record/res.partner/1/parent_id.name",
    "odoo://record/res.partner/1/no_such",
    "odoo://record/{model}/{id}",
    "odoo://model/res.partner",
    "odoo://model/res.partner/schema/",
    "odoo://model/no.such/schema",
    "odoo://model/no.such/access",
    "odoo://module/..%2Fweb",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "x:" + "y" * 5000,
]


@pytest.mark.parametrize("uri", NOWHERE, ids=lambda uri: repr(uri)[:50])
def test_an_address_that_means_nothing(admin, uri):
    error = resources.refusal(admin, uri)
    assert error["code"] == mcp.INVALID_PARAMS
    assert error["data"] == {"uri": uri}
    answer = admin.legacy("resources/read", {"uri": uri}, [("MCP-Protocol-Version", "2025-11-25")])
    assert (answer.status, answer.code) == (200, resources.NOT_FOUND)
    assert answer.error["data"] == {"uri": uri}


def test_an_address_with_a_nul_or_none_at_all(admin):
    answer = admin.legacy("resources/read", {"uri": "odoo://system\0"}, [("MCP-Protocol-Version", "2025-11-25")])
    assert (answer.status, answer.code) == (400, mcp.INVALID_PARAMS)
    for params in ({}, {"uri": None}, {"uri": 5}, {"uri": ["odoo://system"]}):
        answer = admin.modern("resources/read", params)
        assert (answer.status, answer.code) == (200, mcp.INVALID_PARAMS)
        assert "params.uri" in answer.message


def test_the_name_header_must_be_the_address(admin):
    params = mcp.modern_params({"uri": "odoo://system"})
    headers = [("MCP-Protocol-Version", mcp.MODERN), ("Mcp-Method", "resources/read")]
    for name in ("odoo://models", "odoo://System", "=?base64?b2Rvbzovl?="):
        answer = admin.send(mcp.message("resources/read", params), [*headers, ("Mcp-Name", name)])
        assert (answer.status, answer.code) == (400, mcp.HEADER_MISMATCH), name
    assert admin.send(mcp.message("resources/read", params), headers).code == mcp.HEADER_MISMATCH
    wrapped = "=?base64?" + base64.b64encode(b"odoo://system").decode() + "?="
    assert admin.send(mcp.message("resources/read", params), [*headers, ("Mcp-Name", wrapped)]).status == 200


# -- completion ---------------------------------------------------------------------------------------


def complete(client, template, variable, value="", **given):
    """The values that complete a variable."""
    answer = client.modern(
        "completion/complete",
        {
            "ref": {"type": "ref/resource", "uri": template},
            "argument": {"name": variable, "value": value},
            "context": {"arguments": given},
        },
    )
    assert answer.status == 200, answer.text
    assert "result" in answer.json, answer.text
    return answer.json["result"]["completion"]


def test_models_complete(world, door, sally):
    petra = world.client(door, "petra")
    for client in (sally, petra):
        readable = {model for model, _label in resources.value(client, "odoo://models")["rows"]}
        found = complete(client, RECORD, "model")
        assert found["total"] == len(readable)
        assert set(found["values"]) <= readable
        assert found["hasMore"] == (len(readable) > 100)
    assert complete(sally, RECORD, "model", "crm.le")["values"][0] == "crm.lead"
    assert "crm.lead" not in complete(petra, RECORD, "model", "crm")["values"]


def test_records_complete(world, sally, admin):
    found = complete(sally, RECORD, "id", "zebra", model="res.partner")["values"]
    assert {str(number) for number in world.partners[:3]} <= set(found)
    assert str(world.partners[3]) not in found
    theirs = str(world.partners[3])
    assert theirs not in complete(sally, RECORD, "id", theirs, model="res.partner")["values"]
    first = complete(sally, RECORD, "id", str(world.partners[0]), model="res.partner")["values"]
    assert first[0] == str(world.partners[0])
    assert len(complete(admin, RECORD, "id", "", model="res.country")["values"]) == 100
    assert complete(admin, RECORD, "id", "", model="res.country")["hasMore"] is True
    # The answers are the same for no model, an unknown model, and a model that she may not read.
    nothing = {"values": [], "total": 0, "hasMore": False}
    assert complete(sally, RECORD, "id", "") == nothing
    for model in ("no.such", "ir.rule", "mcp.resource"):
        assert complete(sally, RECORD, "id", "", model=model) == nothing, model


def test_fields_and_apps_complete(world, door, sally):
    template = RECORD + "/{field}"
    assert "partner_id" in complete(sally, template, "field", "partner", model="sale.order", id="1")["values"]
    own = world.json2(door, "sally").value("crm.lead", "fields_get", attributes=["string"])
    found = complete(sally, template, "field", "", model="crm.lead")
    assert found["total"] == len(own)
    assert set(found["values"]) <= set(own)
    assert complete(sally, "odoo://module/{module}", "module", "odoo_mcp")["values"][0] == "odoo_mcp"


def test_another_app_completes_its_own(sally):
    template = "mcp-test://notes/{country}/{topic}"
    assert complete(sally, template, "country", "e")["values"] == ["be", "de"]
    assert complete(sally, template, "topic", "tax", country="be")["values"] == ["be taxes"]


def test_what_cannot_be_completed(world, door, sally):
    petra = world.client(door, "petra")
    for client, template, argument, given in (
        (sally, "odoo://nothing/{x}", "x", {}),
        (sally, "odoo://system", "model", {}),
        (petra, "odoo://module/{module}", "module", {}),
        (sally, RECORD, "ids", {}),
        (sally, RECORD, "id", {"modle": "res.partner"}),
    ):
        params = {
            "ref": {"type": "ref/resource", "uri": template},
            "argument": {"name": argument, "value": ""},
            "context": {"arguments": given},
        }
        answer = client.modern("completion/complete", params)
        assert (answer.status, answer.code) == (200, mcp.INVALID_PARAMS), template


# -- audit --------------------------------------------------------------------------------------------


@contextlib.contextmanager
def one_row(db):
    """The only audit row that the block writes."""
    mark = db.audit_mark()
    row = {}
    yield row
    (found,) = db.audit_since(mark)
    row.update(found)


def test_every_reading_leaves_one_row(world, db, sally):
    with one_row(db) as row:
        answer = resources.read(sally, "odoo://models")
    assert (row["method"], row["resource_uri"], row["status"]) == ("resources/read", "odoo://models", "ok")
    assert (row["path"], row["response_bytes"]) == ("core", len(answer.body))
    assert row["row_count"] > 10
    uri = f"odoo://record/res.partner/{world.partners[0]}"
    with one_row(db) as row:
        answer = resources.read(sally, uri)
    assert (row["resource_uri"], row["model"], row["record_ids"]) == (uri, "res.partner", [world.partners[0]])
    assert (row["path"], row["status"], row["row_count"]) == ("orm", "ok", 1)
    assert (row["response_bytes"], row["user_id"]) == (len(answer.body), world["sally"].id)
    with one_row(db) as row:
        resources.refusal(sally, "odoo://nothing")
    assert (row["resource_uri"], row["status"], row["error_code"]) == ("odoo://nothing", "error", mcp.INVALID_PARAMS)
    with one_row(db) as row:
        resources.refusal(sally, "odoo://record/res.partner/2000000000")
    assert (row["status"], row["record_ids"]) == ("error", [2000000000])
    with one_row(db) as row:
        count = len(sally.modern("resources/list").json["result"]["resources"])
    assert (row["method"], row["row_count"], row["resource_uri"]) == ("resources/list", count, None)
    with one_row(db) as row:
        complete(sally, RECORD, "id", "zebra", model="res.partner")
    assert (row["method"], row["resource_uri"], row["model"]) == ("completion/complete", RECORD, "res.partner")
    with one_row(db) as row:
        resources.refusal(sally, "x:" + "y" * 5000)
    assert len(row["resource_uri"]) <= 2000


def test_nothing_is_left_behind(world, db, sally, admin):
    before = db.counts()
    for uri in ("odoo://system", "odoo://model/res.partner/schema", f"odoo://record/res.partner/{world.partners[0]}"):
        resources.value(sally, uri)
        resources.value(admin, uri)
    complete(sally, RECORD, "id", "zebra", model="res.partner")
    assert db.counts() == before
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0

"""Resources at both doors, for each user: lists, the content of each kind, and equality with Odoo's own answer."""

import base64
import contextlib
import datetime
import random

import pytest
from support import mcp, resources, undo

SINGLE = ["odoo://system", "odoo://models", "odoo://modules"]
TEMPLATES = [
    "odoo://model/{model}/schema",
    "odoo://model/{model}/access",
    "odoo://module/{module}",
    "odoo://record/{model}/{id}",
    "odoo://record/{model}/{id}/{field}",
]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
OPERATIONS = ["read", "write", "create", "unlink"]

OPENED = ["ir.rule"]
pytestmark = pytest.mark.usefixtures("opened")
# Secrets. Only an access record can show them.
CLOSED_FIELDS = {
    "res.users": {"password", "new_password", "totp_secret", "pin", "signup_token"},
    "res.partner": {"signup_token"},
    "ir.attachment": {"access_token", "db_datas", "store_fname"},
}


@pytest.fixture
def olga(world, door):
    """A salesperson of another company."""
    return world.client(door, "olga")


@pytest.fixture
def petra(world, door):
    """A portal user."""
    return world.client(door, "petra")


@contextlib.contextmanager
def made(odoo, model, **values):
    """A record of this test, created with a form's values."""
    (number,) = odoo.value(model, "create", vals_list=[values])
    try:
        yield number
    finally:
        assert odoo.value(model, "unlink", ids=[number]) is True


# -- lists --------------------------------------------------------------------------------------------


def test_the_capability_is_offered(admin):
    assert admin.modern("server/discover").json["result"]["capabilities"]["resources"] == {}
    for version in mcp.HANDSHAKE:
        answer = admin.initialize(version, keep=False)
        assert answer.json["result"]["capabilities"]["resources"] == {}, version


def test_what_is_listed(admin, sally, petra):
    for client in (admin, sally):
        single, templates = resources.uris(client)
        assert single[:3] == SINGLE
        assert templates[:5] == TEMPLATES
    # A portal user may not read the list of apps.
    single, templates = resources.uris(petra)
    assert single[:2] == ["odoo://system", "odoo://models"]
    assert "odoo://modules" not in single
    assert templates[:4] == [uri for uri in TEMPLATES if "module" not in uri]
    for listed in (*resources.listed(admin)[0], *resources.listed(admin, *TEMPLATE_LIST)[0]):
        assert set(listed) <= {"uri", "uriTemplate", "name", "title", "description", "mimeType", "size", "annotations"}
        assert all(value not in (None, "", {}) for value in listed.values()), listed


TEMPLATE_LIST = ("resources/templates/list", "resourceTemplates")


def test_who_is_not_let_in_gets_nothing(world, door):
    norma = world.client(door, "norma")
    for method, params in (("resources/list", None), ("resources/read", {"uri": "odoo://system"})):
        assert norma.modern(method, params).status == 403
    assert world.client(door, "ian").modern("resources/list").status == 401


def test_the_lists_are_the_same_every_time(admin):
    assert len({str(resources.uris(admin)) for _ in range(5)}) == 1


@pytest.mark.parametrize("version", mcp.HANDSHAKE)
def test_each_version_hears_what_it_knows(world, door, version):
    client = world.client(door)
    client.initialize(version)
    listed = client.legacy("resources/list").json["result"]
    assert set(listed) == {"resources"}
    system = listed["resources"][0]
    assert system["uri"] == "odoo://system"
    assert ("title" in system) == (version >= "2025-06-18")
    templates = client.legacy("resources/templates/list").json["result"]["resourceTemplates"]
    assert [one["uriTemplate"] for one in templates][:5] == TEMPLATES
    read = client.legacy("resources/read", {"uri": "odoo://system"}).json["result"]
    assert set(read) == {"contents"}
    missing = client.legacy("resources/read", {"uri": "odoo://nothing"})
    assert (missing.status, missing.code) == (200, resources.NOT_FOUND)
    assert missing.error["data"] == {"uri": "odoo://nothing"}
    gone = client.legacy("resources/read", {"uri": "odoo://record/res.partner/2000000000"})
    assert (gone.code, gone.error["data"]["uri"]) == (resources.NOT_FOUND, "odoo://record/res.partner/2000000000")


def test_pages(world, door, admin, sally):
    odoo = world.json2(door)
    values = [
        {"name": f"page {number % 7}", "uri": f"page://{number}", "text": str(number), "sequence": 500 + number % 3}
        for number in range(230)
    ]
    numbers = odoo.value("mcp.resource", "create", vals_list=values)
    try:
        found, pages = resources.listed(sally)
        assert pages == 3
        mine = [one["uri"] for one in found if one["uri"].startswith("page://")]
        order = sorted(range(230), key=lambda number: (500 + number % 3, f"page {number % 7}", numbers[number]))
        assert mine == [f"page://{number}" for number in order]
        cursor = sally.modern("resources/list").json["result"]["nextCursor"]
        for client, method in ((admin, "resources/list"), (sally, "resources/templates/list"), (sally, "prompts/list")):
            answer = client.modern(method, {"cursor": cursor})
            assert (answer.status, answer.code) == (200, mcp.INVALID_PARAMS), method
        for forged in (cursor[:-1], "A" + cursor[1:], cursor + "=", cursor.replace(".", ""), "x", "", 5, [cursor]):
            answer = sally.modern("resources/list", {"cursor": forged})
            assert (answer.status, answer.code) == (200, mcp.INVALID_PARAMS), forged
            assert "cursor" in answer.message
        # Creating and deleting resources between pages moves no other one.
        odoo.value("mcp.resource", "unlink", ids=numbers[:1])
        numbers = numbers[1:]
        rest = sally.modern("resources/list", {"cursor": cursor}).json["result"]["resources"]
        first = [one["uri"] for one in found[:100]]
        assert not {one["uri"] for one in rest} & set(first)
    finally:
        odoo.value("mcp.resource", "unlink", ids=numbers)


# -- the built-in ones --------------------------------------------------------------------------------


def test_system(world, admin, sally, petra, db):
    series = db.value("SELECT latest_version FROM ir_module_module WHERE name = 'base'")
    for client, login in ((admin, "admin"), (sally, "sally"), (petra, "petra")):
        system = resources.value(client, "odoo://system")
        assert system["user"]["id"] == world[login].id
        assert system["user"]["time_zone"] == (world[login].tz or "UTC")
        assert system["odoo"] == {"series": "19.0", "version": series}
        assert mcp.MODERN in system["mcp"]["protocol_versions"]
        now = datetime.datetime.fromisoformat(system["now"])
        assert abs(now - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=10)
        assert ("server" in system) == (login == "admin")
        assert world.name not in str({**system, "server": None, "now": None, "user": None})
    system = resources.value(admin, "odoo://system")
    assert system["server"]["database"] == world.name
    assert world.rival not in [company["id"] for company in resources.value(sally, "odoo://system")["companies"]]


def test_models_are_those_that_odoo_lets_the_user_read(world, door, admin, sally, petra):
    chance = random.Random(5)
    everything = [model for model, _label in resources.value(admin, "odoo://models")["rows"]]
    for client, login in ((sally, "sally"), (petra, "petra")):
        found = resources.value(client, "odoo://models")
        models = [model for model, _label in found["rows"]]
        assert models == sorted(models)
        assert found["total"] == len(models)
        assert found["columns"] == ["model", "name"]
        odoo = world.json2(door, login)
        for model in chance.sample(models, min(25, len(models))):
            assert odoo.value(model, "has_access", ids=[], operation="read") is True, (login, model)
        for model in chance.sample(sorted(set(everything) - set(models)), 25):
            assert odoo.value(model, "has_access", ids=[], operation="read") is False, (login, model)


@pytest.mark.parametrize("model", ["res.partner", "res.users", "sale.order", "mcp.test.item", "ir.attachment"])
def test_a_schema_is_odoos_own(world, door, model):
    for login in ("admin", "sally", "olga"):
        schema = resources.value(world.client(door, login), f"odoo://model/{model}/schema")
        own = world.json2(door, login).value(model, "fields_get", context={"lang": "en_US"})
        assert set(schema["fields"]) == set(own) - CLOSED_FIELDS.get(model, set())
        for name, field in schema["fields"].items():
            assert (field["type"], field["label"]) == (own[name]["type"], own[name]["string"]), name
            for key in ("relation", "help", "required", "readonly"):
                assert field.get(key) == (own[name].get(key) or None), (name, key)
            if "selection" in field:
                assert field["selection"] == own[name]["selection"], name


def test_a_field_for_a_group_is_hidden_from_others(world, door, admin, sally):
    odoo = world.json2(door)
    with made(odoo, "mcp.test.item", name="with a secret", secret="hidden treasure", amount=2) as number:
        address = f"odoo://record/mcp.test.item/{number}"
        assert "secret" in resources.value(admin, "odoo://model/mcp.test.item/schema")["fields"]
        assert resources.text(admin, f"{address}/secret") == "hidden treasure"
        assert "secret" not in resources.value(sally, "odoo://model/mcp.test.item/schema")["fields"]
        shown = resources.part(sally, address)["text"]
        assert "with a secret" in shown
        assert "treasure" not in shown
        # The field's name looks like a secret, so even a user who may read it does not get it by default.
        assert "treasure" not in resources.part(admin, address)["text"]
        error = resources.refusal(sally, f"{address}/secret")
        assert error["code"] == mcp.INVALID_PARAMS
        assert "treasure" not in error["message"]
        answer = sally.modern(
            "completion/complete",
            {
                "ref": {"type": "ref/resource", "uri": TEMPLATES[4]},
                "argument": {"name": "field", "value": "secr"},
                "context": {"arguments": {"model": "mcp.test.item"}},
            },
        )
        assert answer.json["result"]["completion"]["values"] == []


def test_a_schema_is_for_who_may_read_the_model(petra, sally, db):
    for client, model in ((petra, "crm.lead"), (petra, "hr.employee"), (sally, "ir.rule"), (sally, "mcp.resource")):
        mark = db.audit_mark()
        error = resources.refusal(client, f"odoo://model/{model}/schema")
        assert error["code"] == mcp.INVALID_PARAMS
        assert "fields" not in error["message"].lower()
        (row,) = db.audit_since(mark)
        assert (row["status"], row["model"]) == ("denied", model)


def test_access_is_what_odoo_says(world, door, admin, sally, olga, petra, restrict):
    with restrict.access("res.country"):
        _check_access(world, door, {"admin": admin, "sally": sally, "olga": olga, "petra": petra})
    rules = resources.value(sally, "odoo://model/sale.order/access")["operations"]["read"]["record_rules"]
    assert isinstance(rules, int) and rules > 0
    assert isinstance(
        resources.value(admin, "odoo://model/sale.order/access")["operations"]["read"]["record_rules"], list
    )


def _check_access(world, door, clients):
    for login, client in clients.items():
        odoo = world.json2(door, login)
        for model in ("res.partner", "sale.order", "crm.lead", "res.country", "ir.rule"):
            access = resources.value(client, f"odoo://model/{model}/access")
            assert list(access["operations"]) == OPERATIONS
            for operation, verdict in access["operations"].items():
                own = odoo.value(model, "has_access", ids=[], operation=operation)
                assert verdict["allowed"] is own, (login, model, operation, verdict)
                assert verdict["reason"]


def test_apps(world, door, admin, petra):
    odoo = world.json2(door)
    found = undo.records(resources.value(admin, "odoo://modules"))
    own = odoo.value(
        "ir.module.module", "search_read", domain=[["state", "=", "installed"]], fields=["name", "installed_version"]
    )
    assert {(row["name"], row["installed_version"]) for row in found} == {
        (row["name"], row["installed_version"]) for row in own
    }
    module = resources.value(admin, "odoo://module/odoo_mcp")
    assert (module["state"], module["depends"]) == ("installed", ["base", "base_setup", "mail", "web"])
    assert resources.refusal(admin, "odoo://module/no_such")["data"] == {"uri": "odoo://module/no_such"}
    for uri in ("odoo://modules", "odoo://module/base"):
        assert resources.refusal(petra, uri)["data"] == {"uri": uri}


@pytest.mark.parametrize("model", ["res.partner", "sale.order", "crm.lead", "product.product", "res.company"])
def test_a_record_is_what_odoo_reads(world, door, model):
    compared = 0
    for login in ("admin", "sally", "olga"):
        client, odoo = world.client(door, login), world.json2(door, login)
        types = odoo.value(model, "fields_get", attributes=["type"])
        numbers = odoo.value(model, "search", domain=[], limit=4, order="id desc")
        for number in numbers:
            record = resources.value(client, f"odoo://record/{model}/{number}")
            assert (record["model"], record["id"]) == (model, number)
            assert "cut" not in record
            context = {"lang": "en_US", "tz": world[login].tz or False}
            names = [*record["values"], "display_name"]
            (own,) = odoo.value(model, "read", ids=[number], fields=names, context=context)
            assert record["name"] == own.pop("display_name")
            back = {
                name: undo.value(value, types[name]["type"], world[login].tz)
                for name, value in record["values"].items()
            }
            assert back == {name: value for name, value in own.items() if name != "id"}
            assert not [name for name in names if types[name]["type"] == "binary"]
            compared += 1
    assert compared >= 3


def test_records_of_another_company_and_of_others(world, sally, olga, petra, db):
    theirs = world.partners[3]
    for client, uri in (
        (sally, f"odoo://record/res.partner/{theirs}"),
        (sally, f"odoo://record/res.partner/{theirs}/name"),
        (sally, f"odoo://record/sale.order/{world.orders[2]}"),
        (sally, f"odoo://record/crm.lead/{world.leads[0]}"),
        (petra, f"odoo://record/crm.lead/{world.leads[0]}"),
        (petra, f"odoo://record/sale.order/{world.orders[0]}"),
    ):
        mark = db.audit_mark()
        error = resources.refusal(client, uri)
        assert "Zebra" not in str(error), error
        (row,) = db.audit_since(mark)
        assert (row["status"], row["resource_uri"]) == ("denied", uri)
        assert (row["method"], row["path"]) == ("resources/read", "orm")
    assert resources.value(olga, f"odoo://record/res.partner/{theirs}")["name"].endswith("Zebra of the Rival")


def test_values_of_fields(world, door, admin):
    odoo = world.json2(door)
    comment = "<p>Some <b>words</b></p>"
    with made(odoo, "res.partner", name="Values", comment=comment, color=7, image_1920=PIXEL) as number:
        address = f"odoo://record/res.partner/{number}"
        assert resources.text(admin, f"{address}/name") == "Values"
        assert resources.text(admin, f"{address}/comment", "text/html") == comment
        assert resources.text(admin, f"{address}/email") == ""
        assert resources.value(admin, f"{address}/color") == 7
        assert resources.value(admin, f"{address}/parent_id") is None
        assert resources.value(admin, f"{address}/active") is True
        created = resources.value(admin, f"{address}/create_date")
        (own,) = odoo.value("res.partner", "read", ids=[number], fields=["create_date", "image_1920"])
        assert undo.utc(created, "Europe/Brussels") == own["create_date"]
        image = resources.blob(admin, f"{address}/image_1920", "image/png")
        assert image == base64.b64decode(own["image_1920"])
    with made(odoo, "res.partner", name="Bare") as number:
        error = resources.refusal(admin, f"odoo://record/res.partner/{number}/image_1920")
        assert error["data"] == {"uri": f"odoo://record/res.partner/{number}/image_1920"}


def test_an_attachment_with_its_own_type_and_a_limit(world, door, admin, sally):
    odoo = world.json2(door)
    content = base64.b64encode(b"a;b\n1;2\n").decode()
    with made(odoo, "ir.attachment", name="a.csv", datas=content, mimetype="text/csv") as number:
        for field in ("datas", "raw"):
            uri = f"odoo://record/ir.attachment/{number}/{field}"
            assert resources.blob(admin, uri, "text/csv") == b"a;b\n1;2\n"
    large = base64.b64encode(b"x" * 2_000_001).decode()
    with made(odoo, "ir.attachment", name="large", datas=large) as number:
        error = resources.refusal(admin, f"odoo://record/ir.attachment/{number}/datas")
        assert "2000001" in error["message"] and "2000000" in error["message"]
    fits = base64.b64encode(b"x" * 2_000_000).decode()
    with made(odoo, "ir.attachment", name="fits", datas=fits, res_model="ir.rule", res_id=1) as number:
        uri = f"odoo://record/ir.attachment/{number}/datas"
        assert len(resources.blob(admin, uri, "text/plain")) == 2_000_000
        assert "x" * 20 not in str(resources.refusal(sally, uri))

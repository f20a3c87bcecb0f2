"""Pages of a search: together they equal one search, even when records are added or deleted between them."""

import base64
import itertools
import json
import random

import pytest
from support import mcp

LEAD, PARTNER = "crm.lead", "res.partner"
COUNT = 37
DOMAIN = [["name", "=like", "Paged %"], ["active", "in", [True, False]]]
# Every kind of column: empty values, ties, both directions, nulls first and last.
ORDERS = [
    "id",
    "id desc",
    "name, id",
    "name desc, id desc",
    "date_deadline, id",
    "date_deadline desc, id",
    "date_deadline nulls first, id desc",
    "date_deadline desc nulls last, id",
    "priority desc, date_deadline, expected_revenue desc, id",
    "expected_revenue desc, name",
    "probability, id desc",
    "active desc, color, id",
    "active, priority, id",
    "create_date desc, id",
    "create_date, id desc",
    "email_from, date_deadline desc",
    "email_from desc, city, id",
    "date_open desc",
    "type, priority",
]


@pytest.fixture(scope="module")
def leads(world, fast_server):
    """Records with few distinct values in many columns, some of them unset, all created within one second."""
    chance = random.Random(5)
    odoo = world.json2(fast_server)
    ids = odoo.value(LEAD, "create", vals_list=[_values(chance, number) for number in range(COUNT)])
    _spread(world.db, ids)
    yield ids
    left = odoo.value(LEAD, "search", domain=DOMAIN)
    assert odoo.value(LEAD, "unlink", ids=left) is True


def _values(chance, number):
    return {
        "name": f"Paged {chance.choice('aàbBz_%')} {number % 5}",
        "type": chance.choice(["lead", "opportunity"]),
        "date_deadline": chance.choice([False, "2026-01-05", "2026-01-06", "2026-02-01"]),
        "priority": chance.choice(["0", "1", "2", "3"]),
        "expected_revenue": chance.choice([0, 0.1, 0.2, 0.30000000000000004, -5, 1e15]),
        "color": chance.choice([0, 1, 2]),
        "active": chance.random() < 0.7,
        "email_from": chance.choice([False, "a@x.example", "B@x.example", "ä@x.example"]),
        "city": chance.choice([False, "Gent", "gent", "Namur"]),
        "date_open": chance.choice([False, "2026-01-01 00:00:00", "2026-01-01 00:00:01"]),
    }


def _spread(db, ids):
    """Timestamps that differ by microseconds, which Odoo's values do not show, and null columns."""
    for number, record in enumerate(ids):
        db.run(
            "UPDATE crm_lead SET create_date = timestamp '2026-01-01' + %s * interval '1 microsecond',"
            " color = CASE WHEN %s %% 4 = 0 THEN NULL ELSE color END,"
            " expected_revenue = CASE WHEN %s %% 5 = 0 THEN NULL ELSE expected_revenue END WHERE id = %s",
            number * 7 % 11,
            number,
            number,
            record,
        )


def _search(order, **more):
    return {"model": LEAD, "domain": DOMAIN, "fields": ["name"], "order": order, **more}


def _walk(client, arguments, between=None):
    """The ids of each page. Calls `between` after each page."""
    pages, cursor = [], None
    while True:
        given = arguments if cursor is None else {**arguments, "cursor": cursor}
        found = client.result("search", given)
        pages.append([row[0] for row in found["rows"]])
        assert found["has_more"] == ("next_cursor" in found) == ("paging" in found)
        assert found["offset"] == sum(map(len, pages[:-1]))
        if not found["has_more"]:
            return pages
        cursor = found["next_cursor"]
        if between:
            between(found, len(pages))


@pytest.mark.parametrize("order", ORDERS)
def test_all_pages_are_what_one_search_gives(admin, world, door, leads, order):
    whole = world.json2(door).value(
        LEAD, "search", domain=DOMAIN, order=order if order.split(",")[-1].split()[0] == "id" else f"{order}, id"
    )
    assert len(whole) == COUNT
    for limit in (1, 4, COUNT - 1, COUNT):
        pages = _walk(admin, _search(order, limit=limit))
        assert [len(page) for page in pages] == [limit] * (COUNT // limit) + [COUNT % limit] * (COUNT % limit > 0)
        assert list(itertools.chain(*pages)) == whole, limit


@pytest.mark.parametrize("order", ORDERS)
def test_what_stays_comes_once_while_others_come_and_go(admin, world, door, leads, order):
    odoo, chance = world.json2(door), random.Random(order)
    made = []

    def disturb(found, page):
        assert found["paging"] == "keyset"
        # Records before, after and exactly at the end of the page.
        made.extend(odoo.value(LEAD, "create", vals_list=[_values(chance, number) for number in range(3)]))
        _spread(world.db, made[-3:])
        gone = [made.pop(chance.randrange(len(made))), made.pop(0)]
        assert odoo.value(LEAD, "unlink", ids=gone) is True

    try:
        found = list(itertools.chain(*_walk(admin, _search(order, limit=5), disturb)))
    finally:
        assert odoo.value(LEAD, "unlink", ids=made) is True
    assert len(found) == len(set(found))
    assert set(leads) <= set(found)


def test_the_last_record_of_a_page_may_go(admin, world, door, leads):
    odoo = world.json2(door)
    extra = odoo.value(LEAD, "create", vals_list=[{"name": "Paged zzz", "priority": "3"} for _ in range(3)])
    found = admin.result("search", _search("priority desc, id desc", limit=2))
    assert [row[0] for row in found["rows"]] == extra[:0:-1]
    assert odoo.value(LEAD, "unlink", ids=extra[1:]) is True
    try:
        after = admin.result("search", _search("priority desc, id desc", limit=2, cursor=found["next_cursor"]))
        assert after["rows"][0][0] == extra[0]
    finally:
        assert odoo.value(LEAD, "unlink", ids=extra[:1]) is True


def test_the_total_is_that_of_the_whole(admin, leads):
    first = admin.result("search", _search("name, id", limit=10))
    second = admin.result("search", _search("name, id", limit=10, cursor=first["next_cursor"]))
    assert (first["total"], second["total"]) == (COUNT, COUNT)
    assert (first["offset"], second["offset"]) == (0, 10)


@pytest.mark.parametrize(
    ("model", "arguments"),
    [
        (LEAD, {"order": "partner_id, id"}),
        (LEAD, {"order": "partner_id.id, id"}),
        (LEAD, {"order": "stage_id desc, id desc"}),
        # This model orders by its own code.
        ("account.account", {"order": "code, id"}),
        # This model searches by its own code.
        ("product.product", {"order": "id"}),
        # The column belongs to another model.
        ("res.users", {"order": "email, id"}),
        ("sale.order.line", {}),
    ],
)
def test_what_is_no_keyset_goes_by_offset_and_says_so(admin, world, door, leads, model, arguments):
    arguments = {"model": model, "fields": ["id"], "limit": 4, **arguments}
    first = admin.result("search", arguments)
    assert first["paging"] == "offset", first
    pages = _walk(admin, arguments)
    found = list(itertools.chain(*pages))
    assert len(found) == len(set(found)) == first["total"]
    order = {"order": arguments["order"]} if "order" in arguments else {}
    whole = world.json2(door).value(model, "search", domain=[], **order)
    assert sorted(found) == sorted(whole)


@pytest.mark.parametrize("model", ["res.country", "product.template", "crm.stage"])
def test_translated_names_are_ordered_as_the_user_reads_them(admin, world, door, model):
    arguments = {"model": model, "fields": ["name"], "order": "name desc, id", "limit": 3}
    assert admin.result("search", arguments)["paging"] == "keyset"
    pages = _walk(admin, {**arguments, "limit": 40 if model == "res.country" else 3})
    whole = world.json2(door).value(model, "search", domain=[], order="name desc, id", context={"lang": "en_US"})
    assert list(itertools.chain(*pages)) == whole


@pytest.mark.parametrize("model", [PARTNER, "sale.order", "account.move", LEAD, "project.task"])
def test_without_an_order_it_is_the_models_own(admin, world, door, model):
    pages = _walk(admin, {"model": model, "fields": ["id"], "limit": 7})
    whole = world.json2(door).value(model, "search", domain=[])
    found = list(itertools.chain(*pages))
    assert sorted(found) == sorted(whole)
    assert len(found) == len(set(found))


def test_an_offset_may_begin_what_cursors_continue(admin, leads):
    whole = list(itertools.chain(*_walk(admin, _search("name, id", limit=50))))
    found = list(itertools.chain(*_pages_from(admin, 5)))
    assert found == whole[5:]


def _pages_from(client, offset):
    first = client.result("search", _search("name, id", limit=6, offset=offset))
    yield [row[0] for row in first["rows"]]
    page = first
    while page["has_more"]:
        page = client.result("search", _search("name, id", limit=6, cursor=page["next_cursor"]))
        yield [row[0] for row in page["rows"]]


# -- validity of a cursor -----------------------------------------------------------------------------


def _forged(cursor):
    body, mac = cursor.split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    payload[1]["k"][0] = "A"
    other = base64.urlsafe_b64encode(json.dumps(payload, separators=(",", ":")).encode()).decode().rstrip("=")
    return f"{other}.{mac}"


@pytest.fixture
def cursor(admin, leads):
    """A cursor of a search by name."""
    return admin.result("search", _search("name, id", limit=5))["next_cursor"]


def test_a_cursor_of_another_search_is_refused(admin, cursor):
    same = _search("name, id", limit=5, cursor=cursor)
    assert len(admin.result("search", {**same, "limit": 9})["rows"]) == 9
    for other in (
        {"order": "name desc, id"},
        {"order": "name"},
        {"domain": DOMAIN[:1]},
        {"domain": []},
        {"fields": ["name", "city"]},
        {"model": PARTNER, "domain": [], "fields": ["name"]},
    ):
        told = admin.refusal("search", {**same, **other})
        assert "cursor" in told and "begin again" in told, other
    assert "offset" in admin.refusal("search", {**same, "offset": 5})


def test_what_is_no_cursor_is_refused(admin, cursor):
    near = (cursor[:-1], cursor + "A", cursor.split(".")[0], cursor.swapcase(), _forged(cursor))
    for wrong in ("x", "A" * 70_000, *near):
        assert "cursor" in admin.refusal("search", _search("name, id", cursor=wrong))
    assert "cursor" in admin.refusal("search", _search("name, id", cursor=5))


def test_another_users_cursor_is_refused(sally, cursor):
    assert "cursor" in sally.refusal("search", _search("name, id", limit=5, cursor=cursor))


def test_another_lists_cursor_is_refused(admin, leads, cursor):
    answer = admin.modern("tools/list", {"cursor": cursor})
    assert answer.json["error"]["code"] == mcp.INVALID_PARAMS


def test_a_cursor_ends_with_the_secret_and_with_the_policy(admin, db, restrict, cursor):
    same = _search("name, id", limit=5, cursor=cursor)
    with restrict.access(LEAD, domain=[["priority", "!=", "7"]]):
        assert "cursor" in admin.refusal("search", same)
    with restrict.access(LEAD, hidden=["name"]):
        assert "hidden" in admin.refusal("search", same)
    secret = bytes(db.value("SELECT secret FROM mcp_secret WHERE name = 'token'"))
    db.run("UPDATE mcp_secret SET secret = %s WHERE name = 'token'", secret[::-1])
    try:
        assert "cursor" in admin.refusal("search", same)
    finally:
        db.run("UPDATE mcp_secret SET secret = %s WHERE name = 'token'", secret)
    assert admin.result("search", same)["rows"]


def test_a_cursor_holds_at_the_other_door(world, fast_server, ordinary_server, leads):
    one, other = world.client(fast_server), world.client(ordinary_server)
    first = one.result("search", _search("name, id", limit=5))
    again = _search("name, id", limit=5, cursor=first["next_cursor"])
    assert one.result("search", again)["rows"] == other.result("search", again)["rows"]


def test_where_a_hidden_field_orders_the_cursor_has_nothing_of_it(admin, restrict, leads):
    """The model's default order is by priority. When priority is hidden, the order and the cursor use the id alone."""
    with restrict.access(LEAD, hidden=["priority"]):
        found = admin.result("search", {"model": LEAD, "domain": DOMAIN, "fields": ["city"], "limit": 3})
        body = found["next_cursor"].split(".")[0]
        payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        assert payload[1]["k"] == [str(found["rows"][-1][0])]

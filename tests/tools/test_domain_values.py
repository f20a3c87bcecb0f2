"""Values in a domain that stand for the caller, the company or a time, as Odoo's views and record rules write them."""

import datetime
import json
import zoneinfo

import pytest

LEAD, PARTNER, ORDER = "crm.lead", "res.partner", "sale.order"
# Relative dates of Odoo 19, among them those of Odoo's own filters.
RELATIVE = [
    *("today", "now", "today -7d", "-7d", "+1d", "-1w", "+2w", "-1m", "+3m", "-1y", "today +1m"),
    *("=monday", "=sunday", "+monday", "-friday", "=week_start", "today =week_start", "=week_start +1w"),
    *("=1d", "-1m =1d", "=1d +1m -1d", "=1m =1d", "=6m", "today =1y"),
    *("+1d =0H", "=0H", "-1H", "+30M", "-90S", "=week_start -1w =9H"),
]


@pytest.fixture
def sally(world, fast_server):
    return world.client(fast_server, "sally")


def _total(client, model, domain):
    text = domain if isinstance(domain, str) else json.dumps(domain)
    return client.result("count", {"model": model, "domain": text})["count"]


@pytest.mark.parametrize("word", ["me", "uid", "user.id", "env.user.id"])
@pytest.mark.parametrize("operator", ["=", "!=", "in", "not in"])
def test_a_word_for_the_caller_is_the_callers_id(world, sally, word, operator):
    def domain(value):
        return [["user_id", operator, [value] if "in" in operator else value]]

    expected = _total(sally, LEAD, domain(world["sally"].id))
    assert _total(sally, LEAD, domain(word)) == expected
    # In a Python literal it stands without quotation marks, and "me" is no name.
    literal = f"[('user_id', {operator!r}, {[word] if 'in' in operator else word!r})]".replace("'" + word + "'", word)
    if word == "me":
        assert "not evaluated" in sally.refusal("count", {"model": LEAD, "domain": literal})
    else:
        assert _total(sally, LEAD, literal) == expected
    if operator == "=":
        assert expected > 0


def test_me_is_a_name_where_the_field_is_no_user(world, fast_server):
    client = world.client(fast_server)
    made = client.result("create", {"model": PARTNER, "values": json.dumps({"name": "me"})})["ids"]
    try:
        assert _total(client, PARTNER, [["name", "=", "me"]]) == 1
        assert _total(client, PARTNER, [["name", "=", "uid"]]) == 0
        # A search for users by name stays one.
        assert _total(client, LEAD, [["user_id", "ilike", "me"]]) == _total(
            client, LEAD, [["user_id.partner_id.name", "ilike", "me"]]
        )
    finally:
        client.result("unlink", {"model": PARTNER, "ids": made})


def test_companies_are_the_callers(world, fast_server):
    olga = world.client(fast_server, "olga")
    expected = _total(olga, ORDER, [["company_id", "=", world.rival]])
    assert expected == 1
    for literal in ("[('company_id', '=', company_id)]", "[('company_id', 'in', company_ids)]",
                    "[('company_id', '=', user.company_id.id)]", "[('company_id', 'in', allowed_company_ids)]"):
        assert _total(olga, ORDER, literal) == expected, literal
    assert _total(olga, ORDER, [["company_id", "=", "company_id"]]) == expected


def test_today_is_the_date_of_the_callers_place(world, fast_server):
    client = world.client(fast_server, "sally")
    zone = zoneinfo.ZoneInfo(world["sally"].tz)
    before = datetime.datetime.now(zone).date()
    made = client.result("create", {"model": LEAD, "values": json.dumps(
        {"name": "Due", "user_id": world["sally"].id, "date_deadline": before.isoformat()})})["ids"]
    try:
        for today in ("context_today()", "current_date", "context_today().strftime('%Y-%m-%d')"):
            found = _total(client, LEAD, f"[('id', '=', {made[0]}), ('date_deadline', '=', {today})]")
            assert found == 1 or datetime.datetime.now(zone).date() != before, today
        assert _total(client, LEAD, [["id", "=", made[0]], ["date_deadline", "=", "context_today()"]]) == 1
    finally:
        world.json2(fast_server).value(LEAD, "unlink", ids=made)


@pytest.mark.parametrize(
    "literal",
    [
        "[('user_id', '=', user.login)]",
        "[('user_id', '=', user.id + 1)]",
        "[('user_id', '=', uid())]",
        "[('user_id', '=', uid.x)]",
        "[('date_deadline', '<', context_today() - relativedelta(days=7))]",
        "[('name', '=', __import__('os').name)]",
        "[('user_id', '=', me)]",
        # A name that stands for a field or an operator, or beside a constant.
        "[(company_id, '=', 1)]",
        "[(1, '=', company_id)]",
        "[('user_id', uid, 1)]",
        "['|', (uid, '=', 1), ('name', '=', 'x')]",
    ],
)
def test_nothing_else_is_evaluated(sally, literal):
    said = sally.refusal("count", {"model": LEAD, "domain": literal})
    assert "domain" in said
    assert any(part in said for part in ("not evaluated", "expected here", "quotation marks")), said


@pytest.mark.parametrize("value", RELATIVE)
def test_a_relative_date_means_what_it_means_in_odoo(world, fast_server, value):
    client, odoo = world.client(fast_server, "sally"), world.json2(fast_server, "sally")
    for model, field in ((LEAD, "date_deadline"), (ORDER, "date_order"), (PARTNER, "create_date")):
        for operator in ("<", ">="):
            domain = [[field, operator, value]]
            assert _total(client, model, domain) == odoo.value(model, "search_count", domain=domain), domain


@pytest.mark.parametrize("value", ["7d", "yesterday", "today 7d", "-d", "=day", "+-1d", "now today"])
def test_other_words_are_refused(sally, value):
    said = sally.refusal("count", {"model": LEAD, "domain": json.dumps([["create_date", ">", value]])})
    assert "domain[0]" in said and "[closed]" not in said

"""`aggregate` returns the same groups as Odoo's formatted_read_group through /json/2 with the same user and key.

A fixed seed generates the calls: models by domains by groups by measures by orders by pages, for several users in their
own time zones. Each test prints how many calls it compared, and the kinds of groups and measures among them.
"""

import collections
import datetime
import json
import math
import random
from zoneinfo import ZoneInfo

import pytest
from support import sample, summary
from support.equality import LARGE, OPENED, USERS, Twin, as_local, domains_for, field_types, models_of

__all__ = ["OPENED"]

STRETCHES = ["day", "week", "month", "quarter", "year"]
PARTS = ["year_number", "quarter_number", "month_number", "iso_week_number"]
PARTS += ["day_of_year", "day_of_month", "day_of_week"]
OF_DATETIMES = ["hour", "hour_number", "minute_number", "second_number"]
NUMBERS = ("integer", "float", "monetary")
PLAIN = ("char", "selection", "many2one", "text", "html", "reference", "many2one_reference")
GROUPABLE = {*NUMBERS, *PLAIN, "boolean", "date", "datetime", "many2many"}
MEASURES = {
    **{ttype: ["sum", "avg", "min", "max", "count", "count_distinct"] for ttype in NUMBERS},
    **{ttype: ["min", "max", "count", "count_distinct"] for ttype in ("date", "datetime", *PLAIN)},
    "boolean": ["count", "count_distinct"],
}
CASES = 9
# Moments (UTC) at which a day, week, month or year begins in one zone and not in another, or clocks change.
MOMENTS = [
    "2011-12-29 22:30:00",
    "2011-12-30 09:59:00",
    "2011-12-30 10:01:00",
    "2025-12-31 09:59:59",
    "2025-12-31 10:00:00",
    "2025-12-31 18:29:59",
    "2025-12-31 18:30:00",
    "2025-12-31 22:59:59",
    "2025-12-31 23:00:00",
    "2026-01-01 04:59:59",
    "2026-01-01 05:00:00",
    "2026-03-08 06:59:59",
    "2026-03-08 07:00:00",
    "2026-03-29 00:59:59",
    "2026-03-29 01:00:00",
    "2026-10-25 00:30:00",
    "2026-10-25 01:30:00",
    "2026-11-01 05:30:00",
    "2026-11-01 06:30:00",
    "2026-12-31 22:59:59",
    "2026-12-31 23:00:00",
]
ZONES = ["Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC"]
pytestmark = pytest.mark.usefixtures("opened")


# -- Odoo's results in our format -----------------------------------------------------------------------


def _group(value, spec, ttype, zone):
    """One group value of Odoo, converted to our format."""
    path, _, granularity = spec.partition(":")
    if ttype == "boolean":
        return value
    if value is False or value is None or value == [False]:
        return None
    if granularity in STRETCHES and ttype == "date":
        return value[0]
    if granularity in (*STRETCHES, "hour") and ttype == "datetime":
        utc = datetime.datetime.fromisoformat(value[0]).replace(tzinfo=datetime.UTC)
        local = utc.astimezone(ZoneInfo(zone or "UTC"))
        # Odoo uses the first of two ambiguous hours.
        return local.replace(fold=0).isoformat() if granularity == "hour" else local.date().isoformat()
    if path.rpartition(".")[2] == "id":
        return value[0]
    return value


def _measure(value, spec, types, zone):
    name, _, function = spec.partition(":")
    if value is False or value is None:
        return None
    if types.get(name) == "datetime" and function in ("min", "max"):
        moment = datetime.datetime.fromisoformat(value).replace(tzinfo=datetime.UTC)
        return moment.astimezone(ZoneInfo(zone or "UTC")).isoformat()
    return value


def _rows(groups, groupby, measures, types, zone):
    return [
        [_group(group[spec], spec, types[spec.partition(":")[0]], zone) for spec in groupby]
        + [_measure(group[spec], spec, types, zone) for spec in measures]
        for group in groups
    ]


def _same(ours, theirs):
    """Equality, except for the last digits of float sums, which depend on the order of the rows."""
    if isinstance(ours, float) or isinstance(theirs, float):
        return ours is not None and theirs is not None and math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_same, ours, theirs))
    return type(ours) is type(theirs) and ours == theirs


class Groups(Twin):
    """One user at both interfaces. Records the kinds of calls whose results were equal."""

    def __init__(self, world, server, login):
        super().__init__(world, server, login)
        self.kinds = collections.Counter()

    def grouped(
        self, types, model, *, domain=(), ours=None, groupby=(), measures=(), having=(), order="", limit=80, offset=0
    ):
        """Compares one call. `domain` is in Odoo's form, `ours` is the same domain as the user writes it."""
        what = (self.login, self.zone, model, domain, groupby, measures, having, order, limit, offset)
        whole = ", ".join([part for part in (order, *[spec for spec in groupby if spec not in order.split()]) if part])
        reference = self.reference(
            model,
            "formatted_read_group",
            domain=domain,
            groupby=groupby,
            aggregates=[*measures, "__count"],
            having=having,
            order=whole or None,
            limit=limit + 1,
            offset=offset,
        )
        arguments = {"model": model, "domain": json.dumps(domain if ours is None else ours), "groupby": groupby}
        arguments |= {"measures": measures, "order": order.replace("__count", "count"), "limit": limit}
        if having:
            arguments["having"] = json.dumps(having).replace("__count", "count")
        found, refusal = self.ours("aggregate", {**arguments, "offset": offset})
        self.compared += 1
        if reference.status != 200:
            assert refusal is not None, (what, reference.text[:400], found)
            if reference.status != 500:
                first = reference.json["message"].strip().splitlines()[0]
                assert first in refusal, (what, first, refusal)
            self.refused += 1
            return None
        assert refusal is None, (what, refusal)
        rows = _rows(reference.json, groupby, [*measures, "__count"], types, self.zone)
        assert found["columns"] == [*groupby, *measures, "count"], what
        assert _same(found["rows"], rows[:limit]), (what, found["rows"], rows[:limit])
        assert found["has_more"] == (len(rows) > limit), what
        if rows and len(rows) <= limit:
            assert found["total"] == offset + len(rows), what
        self.records += len(rows)
        if rows:
            self.kinds.update(f"by {_kind(spec, types)}" for spec in groupby)
            self.kinds.update(f"{spec.rpartition(':')[2]} of {types[spec.partition(':')[0]]}" for spec in measures)
        return found


def _kind(spec, types):
    path, _, granularity = spec.partition(":")
    return f"{types[path]}:{granularity}" if granularity else ("id" if path == "id" else types[path])


# -- the calls ------------------------------------------------------------------------------------------


def _spec(chance, name, ttype):
    if ttype not in ("date", "datetime"):
        return name
    able = STRETCHES * 3 + PARTS + (OF_DATETIMES if ttype == "datetime" else [])
    return f"{name}:{chance.choice(able)}"


def _pick(chance, types, fields, kinds, most):
    """Prefers fields of different types. A plain random choice would return mostly text fields."""
    by_type = collections.defaultdict(list)
    for name in sorted(types):
        stored = fields[name]["store"] and name not in LARGE
        if stored and types[name] in kinds:
            by_type[types[name]].append(name)
    chosen = chance.sample(sorted(by_type), min(len(by_type), chance.randint(0, most)))
    return [chance.choice(by_type[ttype]) for ttype in chosen]


def _calls(chance, world, model, fields, count):
    types = {name: field["type"] for name, field in fields.items()}
    domains = domains_for(chance, fields, world, model)
    chance.shuffle(domains)
    for number in range(count):
        groupby = [_spec(chance, name, types[name]) for name in _pick(chance, types, fields, GROUPABLE, 3)]
        names = _pick(chance, types, fields, MEASURES, 4)
        measures = [f"{name}:{chance.choice(MEASURES[types[name]])}" for name in names]
        numbers = [spec for spec in measures if types[spec.partition(":")[0]] in NUMBERS] + ["__count"]
        having, order = [], ""
        if groupby and chance.random() < 0.4:
            having = [[chance.choice(numbers), chance.choice([">", ">=", "<", "!="]), chance.choice([0, 1, 2.5])]]
            if chance.random() < 0.3:
                having = ["|", *having, ["__count", "=", 1]]
        if groupby and chance.random() < 0.5:
            order = f"{chance.choice([*numbers, *groupby])} {chance.choice(['asc', 'desc', 'desc nulls last'])}"
        yield {
            "domain": domains[number % len(domains)],
            "groupby": groupby,
            "measures": measures,
            "having": having,
            "order": order,
            "limit": chance.choice([3, 20, 80]),
            "offset": chance.choice([0, 0, 0, 2]) if groupby else 0,
        }


ALL_KINDS = collections.Counter()


@pytest.mark.parametrize("login", USERS)
def test_groups_are_those_of_json_2(world, fast_server, ordinary_server, shown, provoke, login):
    provoke(r"odoo\.http: .*controllers/json2\.py")
    twins = [Groups(world, server, login) for server in (fast_server, ordinary_server)]
    for position, model in enumerate(models_of(login)):
        chance = random.Random(f"groups {login} {model}")
        twin = twins[position % 2]
        fields = field_types(twin, model)
        if fields is None:
            fields = {"id": {"type": "integer", "store": True, "searchable": True}}
        types = {name: field["type"] for name, field in fields.items()}
        for call in _calls(chance, world, model, fields, CASES):
            twin.grouped(types, model, ours=as_local(call["domain"], fields, twin.zone), **call)
    compared = sum(twin.compared for twin in twins)
    shown(
        f"{login}: {compared} aggregations compared, {sum(twin.refused for twin in twins)} of them refusals,"
        f" {sum(twin.records for twin in twins)} groups"
    )
    for twin in twins:
        ALL_KINDS.update(twin.kinds)
    assert compared == len(models_of(login)) * CASES


def test_every_kind_of_group_and_measure_was_among_them():
    summary.add("aggregate: kinds compared with formatted_read_group", json.dumps(ALL_KINDS, sort_keys=True))
    wanted = [f"by {ttype}" for ttype in sorted(GROUPABLE - {"date", "datetime", "reference"})]
    wanted += [f"by {ttype}:{granularity}" for ttype in ("date", "datetime") for granularity in STRETCHES]
    for ttype in ("integer", "float", "monetary", "many2one", "date", "datetime", "char", "boolean"):
        wanted += [f"{function} of {ttype}" for function in MEASURES[ttype]]
    missing = [kind for kind in wanted if not ALL_KINDS[kind]]
    # A sample asks only two of five users per model, so it can miss a few kinds.
    assert len(missing) <= (0 if sample.whole() else len(wanted) / 5), missing


# -- time zones and weeks ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def turns(world, fast_server):
    """Orders and leads at all those moments, created for these tests."""
    odoo = world.json2(fast_server)
    partner = world.partners[0]
    orders = odoo.value(
        "sale.order", "create", vals_list=[{"partner_id": partner, "date_order": moment} for moment in MOMENTS]
    )
    leads = odoo.value(
        "crm.lead",
        "create",
        vals_list=[
            {"name": f"Turn {moment}", "date_deadline": moment[:10], "expected_revenue": number, "type": "lead"}
            for number, moment in enumerate(MOMENTS)
        ],
    )
    yield {"sale.order": orders, "crm.lead": leads}
    odoo.value("sale.order", "unlink", ids=orders)
    odoo.value("crm.lead", "unlink", ids=leads)


@pytest.fixture
def zoned(world, fast_server):
    """The administrator in another time zone for the duration of the test."""
    odoo = world.json2(fast_server)
    before = world["admin"].tz

    def move(zone):
        odoo.value("res.users", "write", ids=[world["admin"].id], vals={"tz": zone})
        world["admin"].tz = zone
        return Groups(world, fast_server, "admin")

    yield move
    move(before)


@pytest.mark.parametrize("zone", ZONES)
def test_buckets_are_in_the_users_time_zone(turns, zoned, zone, shown):
    twin = zoned(zone)
    domain = [["id", "in", turns["sale.order"]]]
    types = {"date_order": "datetime", "amount_total": "monetary", "state": "selection"}
    for granularity in [*STRETCHES, *PARTS, *OF_DATETIMES]:
        for groupby in ([f"date_order:{granularity}"], ["state", f"date_order:{granularity}"]):
            found = twin.grouped(
                types,
                "sale.order",
                domain=domain,
                groupby=groupby,
                measures=["amount_total:sum", "date_order:max", "date_order:min"],
            )
            assert sum(row[-1] for row in found["rows"]) == len(MOMENTS)
            if granularity != "hour":
                assert found["time_zone"] == zone
    leads = {"date_deadline": "date", "expected_revenue": "monetary"}
    for granularity in [*STRETCHES, *PARTS]:
        twin.grouped(
            leads,
            "crm.lead",
            domain=[["id", "in", turns["crm.lead"]]],
            groupby=[f"date_deadline:{granularity}"],
            measures=["expected_revenue:avg", "date_deadline:max"],
        )
    shown(f"{zone}: {twin.compared} aggregations compared")


def test_the_same_moments_fall_into_other_buckets_elsewhere(turns, zoned):
    domain = json.dumps([["id", "in", turns["sale.order"]]])
    found = {}
    for zone in ZONES:
        twin = zoned(zone)
        years = {"model": "sale.order", "domain": domain, "groupby": ["date_order:year"]}
        found[zone] = dict(twin.ours("aggregate", years)[0]["rows"])
        # Python's own time zone data.
        local = [
            datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.UTC).astimezone(ZoneInfo(zone))
            for moment in MOMENTS
        ]
        assert found[zone] == collections.Counter(f"{moment.year}-01-01" for moment in local), zone
    assert len({json.dumps(counts, sort_keys=True) for counts in found.values()}) >= 4


@pytest.mark.parametrize("first_day", ["1", "6", "7"])
def test_weeks_begin_as_in_the_language(world, turns, zoned, fast_server, first_day):
    odoo = world.json2(fast_server)
    [language] = odoo.value("res.lang", "search_read", domain=[["code", "=", "en_US"]], fields=["week_start"])
    odoo.value("res.lang", "write", ids=[language["id"]], vals={"week_start": first_day})
    try:
        twin = zoned("Europe/Brussels")
        for model, spec, types in (
            ("sale.order", "date_order:week", {"date_order": "datetime"}),
            ("crm.lead", "date_deadline:week", {"date_deadline": "date"}),
            ("sale.order", "date_order:day_of_week", {"date_order": "datetime"}),
        ):
            found = twin.grouped(types, model, domain=[["id", "in", turns[model]]], groupby=[spec])
            if spec.endswith(":week"):
                days = {datetime.date.fromisoformat(row[0]).isoweekday() for row in found["rows"]}
                assert days == {int(first_day)}, spec
    finally:
        odoo.value("res.lang", "write", ids=[language["id"]], vals={"week_start": language["week_start"]})


def _next(day, granularity):
    day = datetime.date.fromisoformat(day)
    months = {"month": 1, "quarter": 3, "year": 12}.get(granularity)
    if months:
        month = day.month - 1 + months
        return datetime.date(day.year + month // 12, month % 12 + 1, 1).isoformat()
    return (day + datetime.timedelta(days={"day": 1, "week": 7}[granularity])).isoformat()


@pytest.mark.parametrize("zone", ["Pacific/Apia", "America/New_York", "Asia/Kolkata"])
def test_a_row_becomes_a_domain(turns, zoned, zone):
    twin = zoned(zone)
    for granularity in STRETCHES:
        domain = [["id", "in", turns["sale.order"]]]
        arguments = {"model": "sale.order", "domain": json.dumps(domain), "groupby": [f"date_order:{granularity}"]}
        rows = twin.ours("aggregate", arguments)[0]["rows"]
        assert len(rows) > 2
        for day, count in rows:
            until = _next(day, granularity)
            inside = json.dumps([*domain, ["date_order", ">=", day], ["date_order", "<", until]])
            counted, refusal = twin.ours("count", {"model": "sale.order", "domain": inside})
            assert refusal is None and counted["count"] == count, (granularity, day)


# -- single cases -----------------------------------------------------------------------------------------


def test_paths_tags_ids_and_empty_values(world, fast_server, shown):
    for login in ("admin", "sally", "olga"):
        twin = Groups(world, fast_server, login)
        types = {
            "partner_id": "many2one",
            "partner_id.country_id": "many2one",
            "partner_id.country_id.code": "char",
            "partner_id.create_date": "datetime",
            "partner_id.is_company": "boolean",
            "user_id": "many2one",
            "amount_total": "monetary",
            "tag_ids": "many2many",
            "id": "integer",
            "company_id": "many2one",
        }
        for groupby in (
            ["partner_id.country_id"],
            ["partner_id.country_id.code", "user_id"],
            ["partner_id.create_date:month"],
            ["partner_id.is_company"],
            ["tag_ids"],
            ["id"],
            ["tag_ids", "company_id"],
            [],
        ):
            measures = ["amount_total:sum", "partner_id:count_distinct"]
            twin.grouped(types, "sale.order", groupby=groupby, measures=measures)
        # A domain that matches no record: one row without groups, none with groups.
        nothing = [["id", "=", 0]]
        found = twin.grouped(types, "sale.order", domain=nothing, measures=["amount_total:sum", "id:count"])
        assert found["rows"] == [[None, 0, 0]]
        found = twin.grouped(types, "sale.order", domain=nothing, groupby=["user_id"])
        assert found["rows"] == [] and found["total"] == 0
    shown(f"{twin.compared} aggregations compared for each of 3 users")


def test_fields_that_are_not_stored(world, fast_server, provoke):
    provoke(r"odoo\.http: .*controllers/json2\.py")
    twin = Groups(world, fast_server, "admin")
    # A field related to a stored field: Odoo can aggregate it.
    types = {"list_price": "float", "categ_id": "many2one"}
    found = twin.grouped(types, "product.product", groupby=["categ_id"], measures=["list_price:avg"])
    assert found["rows"]
    # A computed field that its model's own code aggregates.
    types = {"balance": "monetary", "plan_id": "many2one"}
    found = twin.grouped(types, "account.analytic.account", groupby=["plan_id"], measures=["balance:sum"])
    assert found["rows"]
    # A computed field without storage.
    assert twin.grouped({"partner_share": "boolean"}, "res.partner", groupby=["partner_share"]) is not None
    for arguments, words in (
        ({"groupby": ["tz_offset"]}, ['groupby[0]: "tz_offset" of res.partner is computed and not stored']),
        ({"measures": ["meeting_count:sum"]}, ['measures[0]: "meeting_count" of res.partner is computed and not']),
        (
            {"groupby": ["country_id"], "order": "meeting_count:sum"},
            ['order: "meeting_count" of res.partner is computed and not stored'],
        ),
        (
            {"groupby": ["country_id"], "having": '[["meeting_count:sum",">",1]]'},
            ['having[0][0]: "meeting_count" of res.partner is computed and not stored'],
        ),
    ):
        refusal = twin.ours("aggregate", {"model": "res.partner", **arguments})[1]
        assert all(word in refusal for word in words), refusal


def test_pages_do_not_overlap(world, fast_server):
    client = world.client(fast_server)
    arguments = {"model": "res.partner", "groupby": ["country_id", "create_date:month"], "order": "count desc"}
    whole = client.result("aggregate", {**arguments, "limit": 1000})
    assert not whole["has_more"] and whole["total"] == len(whole["rows"]) > 4
    rows = []
    while True:
        page = client.result("aggregate", {**arguments, "limit": 3, "offset": len(rows)})
        rows += page["rows"]
        if not page["has_more"]:
            break
    assert rows == whole["rows"] and page["total"] == len(rows)


def test_all_forms_of_having_mean_the_same(world, fast_server):
    client = world.client(fast_server)
    arguments = {"model": "res.partner", "groupby": ["country_id"]}
    answers = [
        client.result("aggregate", {**arguments, "having": having})
        for having in ('[["count", ">", 2]]', [["count", ">", 2]], "[('count', '>', 2)]", '[["__count", ">", 2]]')
    ]
    assert answers[0]["rows"] and all(answer == answers[0] for answer in answers)
    assert client.result("aggregate", {**arguments, "having": "[]"})["total"] > answers[0]["total"]

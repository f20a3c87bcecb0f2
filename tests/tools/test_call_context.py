"""The argument `context`: one call in another language, or for some of the user's companies.

The result equals that of Odoo's /json/2 for the same user with the same `lang` and `allowed_company_ids`.
"""

import json

import pytest
from support import undo

MOMENT = "mcp.test.moment"
NAME = "call_context"

_PREPARE = """
env['res.lang']._activate_lang('fr_FR')
modules = env['ir.module.module'].search([('name', 'in', ['base', 'crm', 'sale'])])
modules._update_translations(['fr_FR'])
third = env['res.company'].create({{'name': 'Third Company'}})
admin = env.ref('base.user_admin')
admin.company_ids += env['res.company'].browse({rival})
main, rival = env['res.company'].browse([{main}, {rival}])
product = env['product.template'].create({{'name': 'Chair', 'description_sale': 'To sit on'}})
product.with_context(lang='fr_FR').write({{'name': 'Chaise', 'description_sale': 'Pour seoir'}})
moments = env['mcp.test.moment']
for company in main, rival, third:
    for number in range(2):
        name = 'Moment %d of %s' % (number, company.name)
        moments += moments.create({{'name': name, 'company_id': company.id, 'kind': 'one'}})
for moment in moments:
    moment.with_company(main).amount = 1
    moment.with_company(rival).amount = 2
    moment.with_context(lang='fr_FR').name = moment.name.replace('Moment', 'Instant')
env['ir.rule'].create({{
    'name': 'Moments of the companies', 'model_id': env['ir.model']._get_id('mcp.test.moment'),
    'domain_force': "[('company_id', 'in', company_ids)]"}})
result = {{'third': third.id, 'product': product.id, 'moments': moments.ids}}
"""


class Here:
    """A separate database with a second language and a user of two companies."""

    def __init__(self, world, environment):
        self.world = world
        self.db = world.copy(NAME)
        made = environment.shell(NAME, _PREPARE.format(rival=world.rival, main=world.main))
        self.third, self.product, self.moments = made["third"], made["product"], made["moments"]
        self.server = environment.odoo(NAME, name=NAME, workers=2)
        self.mcp = world.client(self.server)
        self.odoo = world.json2(self.server)
        main, rival = world.main, world.rival
        self.contexts = [
            {"lang": "fr_FR"},
            {"lang": "en_US"},
            {"company_ids": [main]},
            {"company_ids": [rival]},
            {"company_ids": [main, rival]},
            {"company_ids": [rival, main], "lang": "fr_FR"},
            {"company_ids": [rival], "lang": "en_US"},
            {},
        ]

    def own(self, context):
        """The same context for Odoo. The user's own values fill what the call does not choose."""
        return {
            "lang": context.get("lang", "en_US"),
            "tz": "Europe/Brussels",
            "allowed_company_ids": context.get("company_ids", [self.world.main, self.world.rival]),
        }

    def close(self):
        self.server.stop()
        self.db.close()


@pytest.fixture(scope="module")
def here(world, environment):
    made = Here(world, environment)
    yield made
    made.close()


READS = [
    (MOMENT, [], ["name", "company_id", "amount", "kind"]),
    (MOMENT, [["name", "ilike", "instant"]], ["name", "amount"]),
    (MOMENT, [["amount", "=", 2]], ["name"]),
    ("product.template", [["name", "in", ["Chair", "Chaise"]]], ["name", "description_sale", "display_name"]),
    ("res.country", [["code", "in", ["BE", "DE", "US"]]], ["name", "display_name"]),
    ("sale.order", [], ["name", "company_id", "currency_id", "amount_total"]),
    ("crm.stage", [], ["name"]),
]


def _all(here):
    return [(context, read) for context in here.contexts for read in READS]


def test_search_count_and_read(here):
    """Records that record rules allow, translated fields, company-dependent values, display names of other records."""
    different = set()
    for context, (model, domain, fields) in _all(here):
        own = here.own(context)
        types = here.odoo.value(model, "fields_get", attributes=["type"], context=own)
        types = {name: field["type"] for name, field in types.items()}
        expected = here.odoo.value(
            model, "search_read", domain=domain, fields=["id", *fields], order="id", limit=80, context=own
        )
        asked = {"model": model, "domain": domain, "fields": fields, "order": "id", "limit": 80, "context": context}
        found = here.mcp.result("search", asked)
        assert undo.undone(found, types, "Europe/Brussels") == expected, (context, model)
        assert here.mcp.result("count", {"model": model, "domain": domain, "context": context})["count"] == len(
            expected
        )
        ids = [row["id"] for row in expected][:5]
        if ids:
            read = {"model": model, "ids": ids, "fields": fields, "context": json.dumps(context)}
            found = undo.undone(here.mcp.result("read", read), types, "Europe/Brussels")
            assert found == here.odoo.value(model, "read", ids=ids, fields=["id", *fields], context=own)
        different.add((model, json.dumps(domain), json.dumps(expected)))
    # The contexts lead to different results on each of these.
    for model, least in ((MOMENT, 6), ("product.template", 2), ("res.country", 2)):
        assert len({answer for asked, _, answer in different if asked == model}) >= least, model


def test_the_first_company_is_the_current_one(here):
    main, rival = here.world.main, here.world.rival
    told = {}
    for companies in ([main, rival], [rival, main], [rival]):
        arguments = {"model": MOMENT, "method": "tell", "context": {"company_ids": companies, "lang": "fr_FR"}}
        result = here.mcp.result("method_call", arguments)["result"]
        told[tuple(companies)] = result["company"], result["companies"], result["lang"]
        own = here.odoo.value(MOMENT, "tell", context=here.own({"company_ids": companies, "lang": "fr_FR"}))
        assert told[tuple(companies)] == (own["company"], own["companies"], own["lang"])
    assert told == {
        (main, rival): (main, [main, rival], "fr_FR"),
        (rival, main): (rival, [rival, main], "fr_FR"),
        (rival,): (rival, [rival], "fr_FR"),
    }


def test_aggregate(here):
    """Groups of the records that record rules allow, with labels in the language."""
    for context in here.contexts:
        arguments = {"model": MOMENT, "groupby": ["company_id"], "measures": ["id:count"], "context": context}
        rows = here.mcp.result("aggregate", arguments)["rows"]
        theirs = here.odoo.value(
            MOMENT,
            "formatted_read_group",
            domain=[],
            groupby=["company_id"],
            aggregates=["id:count"],
            context=here.own(context),
        )
        assert sorted((row[0][0], row[-1]) for row in rows) == sorted(
            (group["company_id"][0], group["id:count"]) for group in theirs
        )
        assert {row[0][0] for row in rows} == set(here.own(context)["allowed_company_ids"])


def test_default_get(here):
    for context in here.contexts:
        fields = ["company_id", "kind", "day"]
        ours = here.mcp.result("default_get", {"model": MOMENT, "fields": fields, "context": context})["values"]
        assert ours == here.odoo.value(MOMENT, "default_get", fields=fields, context=here.own(context))

    def of(companies):
        return here.mcp.result(
            "default_get", {"model": MOMENT, "fields": ["company_id"], "context": {"company_ids": companies}}
        )["values"]["company_id"]

    assert (of([here.world.rival]), of([here.world.main])) == (here.world.rival, here.world.main)


@pytest.mark.parametrize("model", ["crm.lead", "res.partner", "sale.order"])
def test_describe_model(here, model):
    """Labels, help texts and selection values follow the language."""
    seen = {}
    for lang in ("en_US", "fr_FR"):
        asked = {"model": model, "detail": "full", "context": {"lang": lang}}
        ours = here.mcp.result("describe_model", asked)
        theirs = here.odoo.value(model, "fields_get", context=here.own({"lang": lang}))
        helps = choices = 0
        for name, field in ours["fields"].items():
            assert field["label"] == theirs[name]["string"], (lang, name)
            if "help" in field:
                helps += 1
                assert " ".join(field["help"].split())[:20] == " ".join(theirs[name]["help"].split())[:20], (lang, name)
            if "selection" in field:
                choices += 1
                shown = field["selection"]
                assert shown == theirs[name]["selection"][: len(shown)], (lang, name)
        assert helps
        assert choices
        label = "SELECT coalesce(name ->> %s, name ->> 'en_US') FROM ir_model WHERE model = %s"
        assert ours["name"] == here.db.value(label, lang, model)
        seen[lang] = json.dumps(ours["fields"], sort_keys=True), ours["name"]
    assert seen["en_US"][0] != seen["fr_FR"][0]


def test_list_models(here):
    for lang in ("en_US", "fr_FR"):
        found = here.mcp.result("list_models", {"search": "sale.order", "context": {"lang": lang}})["models"]
        for row in found:
            theirs = here.odoo.value(
                "ir.model",
                "search_read",
                domain=[["model", "=", row["model"]]],
                fields=["name"],
                context=here.own({"lang": lang}),
            )
            assert row["name"] == theirs[0]["name"]
        assert found
    labels = [
        [row["name"] for row in here.mcp.result("list_models", {"search": "crm", "context": {"lang": lang}})["models"]]
        for lang in ("en_US", "fr_FR")
    ]
    assert labels[0] != labels[1]


@pytest.mark.parametrize("lang", ["fr_FR", "en_US"])
def test_create_and_write_are_in_that_language(here, lang):
    """Each change is made through MCP and through Odoo: the same texts in the same languages."""
    context = {"lang": lang, "company_ids": [here.world.rival, here.world.main]}
    own = here.own(context)
    values = {"name": "Bonjour", "amount": 7}
    ours = here.mcp.result("create", {"model": MOMENT, "values": values, "context": context})["ids"][0]
    theirs = here.odoo.value(MOMENT, "create", vals_list=[values], context=own)[0]
    columns = "SELECT name, company_id, amount FROM mcp_test_moment WHERE id = %s"
    assert here.db.row(columns, ours) == here.db.row(columns, theirs)
    assert here.db.row(columns, ours)["company_id"] == here.world.rival
    for change in ({"name": "Bonsoir"}, {"name": "Bonne nuit", "amount": 9}):
        here.mcp.result("write", {"model": MOMENT, "ids": [ours], "values": change, "context": context})
        assert here.odoo.value(MOMENT, "write", ids=[theirs], vals=change, context=own) is True
        assert here.db.row(columns, ours) == here.db.row(columns, theirs)
    here.mcp.result("write", {"model": MOMENT, "values": [{"id": ours, "name": "Allô"}], "context": context})
    here.odoo.value(MOMENT, "write", ids=[theirs], vals={"name": "Allô"}, context=own)
    row = here.db.row(columns, ours)
    assert row == here.db.row(columns, theirs)
    assert row["name"][lang] == "Allô"
    assert row["name"]["en_US"] == ("Bonjour" if lang == "fr_FR" else "Allô")


def test_names_of_what_was_made_follow(here):
    context = {"lang": "fr_FR"}
    made = here.mcp.result("create", {"model": "product.template", "values": {"name": "Table"}, "context": context})
    here.mcp.result("write", {"model": "product.template", "ids": made["ids"], "values": {"name": "Tisch"}})
    assert (
        here.mcp.result("read", {"model": "product.template", "ids": made["ids"], "fields": ["name"]})["rows"][0][1]
        == "Tisch"
    )
    found = here.mcp.result(
        "read", {"model": "product.template", "ids": made["ids"], "fields": ["name"], "context": context}
    )
    assert found["rows"][0][1] == "Table"


def test_companies_that_are_not_the_users_stay_out_of_sight(here):
    """A caller reaches them neither by naming them nor by reordering the allowed ones."""
    names = {row[1] for row in here.mcp.result("search", {"model": MOMENT, "fields": ["name"], "limit": 80})["rows"]}
    assert not any("Third" in name for name in names)
    for companies in ([here.third], [here.world.main, here.third], [here.third, here.world.main]):
        arguments = {"model": MOMENT, "context": {"company_ids": companies}}
        said = here.mcp.refusal("search", arguments)
        assert f"{here.third} is no company of this user" in said
        assert "Third" not in said
    # Odoo itself refuses this too.
    answer = here.odoo.call(MOMENT, "search_count", domain=[], context={"allowed_company_ids": [here.third]})
    assert answer.status == 403, answer.text
    sally = here.world.client(here.server, "sally")
    said = sally.refusal("count", {"model": MOMENT, "context": {"company_ids": [here.world.rival]}})
    assert f"{here.world.rival} is no company" in said
    assert sally.result("count", {"model": MOMENT, "context": {"company_ids": [here.world.main]}})["count"] > 0


def test_a_scope_leaves_its_companies_only(here):
    from support.policy import Restrictions

    key = here.world["admin"].keys["mcp"]
    scoped = here.world.client(here.server, scope="mcp")
    rival, main = here.world.rival, here.world.main
    of_rival = {"model": MOMENT, "domain": [["company_id", "=", rival]]}
    assert scoped.result("count", {**of_rival, "context": {"company_ids": [rival]}})["count"] > 0
    with Restrictions(here.db).scope(key, companies=[main]):
        for companies in ([rival], [main, rival], [rival, main]):
            said = scoped.refusal("count", {**of_rival, "context": {"company_ids": companies}})
            assert f"{rival} is no company" in said
        assert scoped.result("count", {**of_rival, "context": {"company_ids": [main]}})["count"] == 0


@pytest.mark.parametrize(
    "domain", [[["company_id", "=", {"var": "company_id"}]], [["company_id", "in", {"var": "company_ids"}]]]
)
def test_the_variables_of_a_policy_domain_do_not_follow(here, domain):
    """A caller who chooses the company must not change the meaning of an administrator's domain."""
    from support.policy import Restrictions

    rival, main = here.world.rival, here.world.main
    of_rival = {"model": MOMENT, "domain": [["company_id", "=", rival]], "context": {"company_ids": [rival, main]}}
    assert here.mcp.result("count", of_rival)["count"] > 0
    key = here.world["admin"].keys["mcp"]
    scoped = here.world.client(here.server, scope="mcp")
    with Restrictions(here.db).access(MOMENT, domain=domain):
        expected = (
            0
            if domain[0][1] == "="
            else here.mcp.result("count", {"model": MOMENT, "domain": of_rival["domain"]})["count"]
        )
        assert here.mcp.result("count", of_rival)["count"] == expected
        with Restrictions(here.db).scope(key, companies=[main]):
            assert scoped.result("count", {"model": MOMENT, "domain": of_rival["domain"]})["count"] == 0
            assert "is no company" in scoped.refusal("count", of_rival)


@pytest.mark.parametrize(
    "tool",
    [
        "search",
        "read",
        "count",
        "create",
        "write",
        "unlink",
        "default_get",
        "method_call",
        "describe_model",
        "list_models",
    ],
)
def test_every_tool_refuses_what_there_is_not(here, tool):
    arguments = {
        "search": {"model": MOMENT},
        "read": {"model": MOMENT, "ids": here.moments[:1]},
        "count": {"model": MOMENT},
        "create": {"model": MOMENT, "values": {"name": "x"}},
        "write": {"model": MOMENT, "ids": here.moments[:1], "values": {"name": "x"}},
        "unlink": {"model": MOMENT, "ids": here.moments[:1]},
        "default_get": {"model": MOMENT, "fields": ["name"]},
        "method_call": {"model": MOMENT, "method": "tell"},
        "describe_model": {"model": MOMENT},
        "list_models": {},
    }[tool]
    before = here.db.rows("SELECT * FROM mcp_test_moment ORDER BY id")
    for context, said in (
        ({"lang": "de_DE"}, "Active: en_US, fr_FR"),
        ({"lang": "fr-FR"}, "Did you mean `fr_FR`?"),
        ({"company_ids": [here.third]}, "is no company"),
        ({"lnag": "fr_FR"}, "Did you mean `lang`?"),
        ({"tz": "Asia/Tokyo"}, "offset"),
        ({"active_test": False}, "archived"),
        ({"uid": 1}, "Known: lang, company_ids"),
        ({"su": True}, "Known: lang, company_ids"),
    ):
        assert said in here.mcp.refusal(tool, {**arguments, "context": context}), (tool, context)
    assert here.db.rows("SELECT * FROM mcp_test_moment ORDER BY id") == before
    # An existing language works.
    if tool != "unlink":
        assert here.mcp.result(tool, {**arguments, "context": {"lang": "fr_FR", "company_ids": [here.world.main]}})


def test_the_row_keeps_it(here):
    mark = here.db.audit_mark()
    here.mcp.result("count", {"model": MOMENT, "context": {"lang": "fr_FR", "company_ids": [here.world.rival]}})
    (row,) = here.db.audit_since(mark)
    kept = row["request"] if isinstance(row["request"], dict) else json.loads(row["request"])
    kept = kept["context"]
    kept = json.loads(kept) if isinstance(kept, str) else kept
    assert kept == {"lang": "fr_FR", "company_ids": [here.world.rival]}


def test_resources_stay_in_the_users_own(here):
    uri = f"odoo://record/product.template/{here.product}"
    answer = here.mcp.modern("resources/read", {"uri": uri}).json["result"]["contents"][0]["text"]
    assert "Chair" in answer
    assert "Chaise" not in answer

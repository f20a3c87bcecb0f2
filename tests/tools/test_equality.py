"""Every read tool returns the same as Odoo's own /json/2 with the same user and key, refusals included.

A fixed seed generates the calls: models by domains by fields by orders by pages, for several users. Results are
compared after undoing the documented presentation (support/undo.py). Each test prints how many calls it compared. Each
day two of the five users query a model, and others the next day. In a whole run all five do.
"""

import json
import random

import pytest
from support import undo
from support.equality import (
    LARGE,
    LEFT_OUT,
    OPENED,
    USERS,
    Twin,
    as_local,
    domains_for,
    field_types,
    models_of,
    unordered,
    without_secrets,
)

__all__ = ["OPENED"]
pytestmark = pytest.mark.usefixtures("opened")


def _plan(chance, world, model, fields, count):
    """`count` searches: (domain, field names, order, limit, offset)."""
    names = sorted(
        name
        for name, field in fields.items()
        if field["type"] not in LEFT_OUT and field["store"] and name not in LARGE
    )
    orders = sorted(
        name
        for name, field in fields.items()
        if field["store"]
        and field["sortable"]
        and field["type"] in ("char", "integer", "float", "monetary", "date", "datetime", "selection", "many2one")
    )
    domains = domains_for(chance, fields, world, model)
    chance.shuffle(domains)
    for number in range(count):
        chosen = sorted(chance.sample(names, min(len(names), chance.randint(1, 12))))
        order = (
            ", ".join([f"{chance.choice(orders)} {chance.choice(['asc', 'desc'])}", "id"])
            if chance.random() < 0.7
            else "id desc"
        )
        yield domains[number % len(domains)], chosen, order, chance.choice([5, 20, 80]), chance.choice([0, 0, 0, 3])


@pytest.mark.parametrize("login", USERS)
def test_search_count_and_read_give_what_json_2_gives(world, fast_server, ordinary_server, shown, provoke, login):
    provoke(r"odoo\.http: .*controllers/json2\.py")
    twins = [Twin(world, server, login) for server in (fast_server, ordinary_server)]
    for position, model in enumerate(models_of(login)):
        chance = random.Random(f"{login} {model}")
        twin = twins[position % 2]
        fields = field_types(twin, model)
        if fields is None:
            fields = {"id": {"type": "integer", "store": True, "sortable": True, "searchable": True}}
        types = {name: field["type"] for name, field in fields.items()}
        for domain, names, order, limit, offset in _plan(chance, world, model, fields, 5):
            what = (login, model, domain, names, order, limit, offset)
            given = json.dumps(as_local(domain, fields, twin.zone))
            reference = twin.reference(
                model, "search_read", domain=domain, fields=names, order=order, limit=limit, offset=offset
            )
            asked = {"model": model, "domain": given, "fields": names, "order": order, "limit": limit}
            ours = twin.ours("search", {**asked, "offset": offset, "html": "html"})
            found = twin.compare(reference, ours, twin.undo(types), what, undo.shortening(types))
            counted = twin.reference(model, "search_count", domain=domain)
            total = twin.compare(
                counted, twin.ours("count", {"model": model, "domain": given}), lambda got: got["count"], what
            )
            if found is not None:
                content = ours[0]
                assert (content["total"], content["offset"]) == (total, offset), what
                assert content["has_more"] == (bool(found) and offset + len(found) < total), what
            ids = [record["id"] for record in found or []][:8] or [1, 2, 3]
            chance.shuffle(ids)
            reference = twin.reference(model, "read", ids=ids, fields=names)
            twin.compare(
                reference,
                twin.ours("read", {"model": model, "ids": ids, "fields": names, "html": "html", "whole": True}),
                twin.undo(types),
                what,
            )
    compared = sum(twin.compared for twin in twins)
    shown(
        f"{login}: {compared} calls compared, {sum(twin.refused for twin in twins)} of them refusals,"
        f" {sum(twin.records for twin in twins)} records"
    )
    assert compared == len(models_of(login)) * 15


@pytest.mark.parametrize("login", USERS)
def test_records_one_may_not_read_are_refused_alike(world, fast_server, shown, login):
    twin = Twin(world, fast_server, login)
    for model in ("sale.order", "crm.lead", "res.partner", "res.users", "account.move", "project.task", "mail.message"):
        for ids in ([1], [world.orders[1]], world.orders, world.leads, world.partners, list(range(1, 40))):
            reference = twin.reference(model, "read", ids=ids, fields=["display_name"])
            found, refusal = twin.ours("read", {"model": model, "ids": ids, "fields": ["display_name"]})
            if reference.status == 404 or (reference.status != 200 and "MissingError" in reference.text):
                # Documented: the tool lists ids that do not exist instead of refusing them.
                assert refusal is not None or found["missing"], (model, ids)
                twin.compared += 1
                continue
            twin.compare(
                reference,
                (found, refusal),
                lambda got: undo.undone(got, {"id": "integer", "display_name": "char"}, twin.zone),
                (login, model, ids),
            )
    shown(f"{login}: {twin.compared} readings compared, {twin.refused} of them refusals")
    assert twin.compared == 42


@pytest.mark.parametrize("login", USERS)
def test_default_get_and_describe_model_give_what_json_2_gives(world, fast_server, shown, login):
    twin = Twin(world, fast_server, login)
    for model in models_of(login):
        answer = twin.reference(model, "fields_get")
        if answer.status != 200:
            continue
        fields = without_secrets(model, answer.json)
        found, refusal = twin.ours("describe_model", {"model": model, "detail": "full"})
        assert refusal is None, (model, refusal)
        assert set(found["fields"]) == set(fields), model
        for name, described in found["fields"].items():
            assert described["type"] == fields[name]["type"], (model, name)
            assert described["label"] == fields[name]["string"], (model, name)
            choices = fields[name].get("selection") or []
            assert described.pop("choices", len(choices)) == len(choices), (model, name)
            assert described.pop("computed", True) is True, (model, name)
            for key, said in described.items():
                assert key in ("type", "label") or said == fields[name][key], (model, name, key)
            # The tool returns a long list of choices only when the caller names the field.
            told = ("relation", "help", "required", "readonly", *(["selection"] if len(choices) <= 30 else []))
            for key in told:
                assert (fields[name].get(key) or None) == (described.get(key) or None), (model, name, key)
        twin.compared += 1
        chance = random.Random(f"defaults {login} {model}")
        names = sorted(
            name
            for name, field in fields.items()
            # Excluded: the current time, and a color that Odoo chooses at random.
            if field["type"] not in LEFT_OUT | {"datetime"} and not field["readonly"] and name != "color"
        )
        names = sorted(chance.sample(names, min(15, len(names)))) or ["id"]
        types = {name: field["type"] for name, field in fields.items()}
        twin.compare(
            twin.reference(model, "default_get", fields=names),
            twin.ours("default_get", {"model": model, "fields": names}),
            lambda got, types=types: {
                name: undo.value(item, types[name], twin.zone) for name, item in got["values"].items()
            },
            (login, model, names),
            unordered,
        )
    shown(f"{login}: {twin.compared} calls compared, {twin.refused} of them refusals")
    assert twin.compared > len(models_of(login)) / 2


@pytest.mark.parametrize("login", USERS)
def test_list_modules_and_companies_give_what_json_2_gives(world, ordinary_server, shown, login):
    twin = Twin(world, ordinary_server, login)
    for state in ("installed", "uninstalled"):
        for search, domain in (
            ("", []),
            (
                "sale",
                ["|", "|", ["name", "ilike", "sale"], ["shortdesc", "ilike", "sale"], ["summary", "ilike", "sale"]],
            ),
        ):
            reference = twin.reference(
                "ir.module.module",
                "search_read",
                domain=[["state", "=", state], *domain],
                fields=["name", "shortdesc", "state"],
                order="name",
                limit=50,
            )
            ours = twin.ours("list_modules", {"state": state, "search": search, "limit": 50})
            if reference.status == 200:
                got = [(record["name"], record["shortdesc"], record["state"]) for record in undo.records(ours[0])]
                assert got == [(record["name"], record["shortdesc"], record["state"]) for record in reference.json]
            else:
                assert ours[1] is not None
            twin.compared += 1
    company_ids = twin.reference("res.users", "read", ids=[world[login].id], fields=["company_ids", "company_id"]).json[
        0
    ]
    listed = undo.records(twin.ours("list_companies", {})[0])
    assert {company["id"] for company in listed} == set(company_ids["company_ids"])
    assert [company["id"] for company in listed if company["default"]] == [company_ids["company_id"][0]]
    names = {
        company["id"]: company["name"]
        for company in twin.reference("res.company", "read", ids=company_ids["company_ids"], fields=["name"]).json
    }
    assert {company["id"]: company["name"] for company in listed} == names
    twin.compared += 1
    shown(f"{login}: {twin.compared} calls compared")


@pytest.mark.parametrize("login", USERS)
def test_list_models_gives_those_that_json_2_lets_the_user_read(world, fast_server, db, shown, login):
    twin = Twin(world, fast_server, login)
    listed = set()
    while True:
        page = twin.ours("list_models", {"limit": 500, "offset": len(listed)})[0]
        listed |= {entry["model"] for entry in page["models"]}
        if not page["has_more"]:
            break
    assert len(listed) == page["total"]
    stored = [
        row["model"]
        for row in db.rows(
            "SELECT model FROM ir_model WHERE NOT transient"
            " AND to_regclass('public.' || quote_ident(replace(model, '.', '_'))) IS NOT NULL ORDER BY model"
        )
    ]
    asked = stored[::3]
    for model in asked:
        allowed = twin.reference(model, "has_access", operation="read")
        assert allowed.status == 200, (model, allowed.text[:300])
        assert (model in listed) == allowed.json, model
    shown(f"{login}: {len(listed)} models listed, {len(asked)} compared")
    assert len(asked) > 80

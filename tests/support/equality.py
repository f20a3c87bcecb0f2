"""Helpers of tests that compare our answers with Odoo's /json/2: users, models, calls of both, generated domains."""

import re

from . import sample, undo

MODELS = [
    "res.partner",
    "res.users",
    "res.company",
    "res.country",
    "res.currency",
    "res.partner.category",
    "sale.order",
    "sale.order.line",
    "crm.lead",
    "crm.stage",
    "product.template",
    "product.product",
    "account.move",
    "account.move.line",
    "account.account",
    "stock.picking",
    "stock.move",
    "stock.quant",
    "purchase.order",
    "project.project",
    "project.task",
    "hr.employee",
    "hr.department",
    "mail.message",
    "ir.attachment",
    "ir.model",
    "uom.uom",
    "mcp.tool",
    "mcp.test.item",
]
USERS = ["admin", "sally", "olga", "petra", "tom"]

# These values cannot be compared: Odoo computes them anew at each read, or they are very large.
LEFT_OUT = {"binary", "properties", "properties_definition", "json", "reference", "many2one_reference", "serialized"}

# The indexed text of files. For web assets it can be megabytes.
LARGE = {"index_content"}

MOMENT = "2026-01-20 12:30:00"

# The policy closes these models unless an access record opens them. They are open here, but secret fields stay closed.
OPENED = ["ir.%", "mcp.%", "base.%", "base_import%", "bus.bus", "fetchmail.%", "iap.%", "res.users.%", "res.device%"]
OPENED += ["auth%", "change.password.%", "res.config.settings", "payment.%", "certificate.%", "google.%", "microsoft%"]

WITH_SECRETS = ("res.users", "res.partner", "res.company", "ir.attachment", "hr.employee")

SECRET = re.compile(r"(^|_)(password|token|secret|pin)(_|$)|^(store_fname|db_datas)$")


def models_of(login):
    """The models that a user queries today."""
    return sample.in_turn("equality", MODELS, USERS.index(login), len(USERS))


class Twin:
    """One user, with a client of MCP and one of /json/2."""

    def __init__(self, world, server, login):
        self.login = login
        self.zone = world[login].tz
        self.mcp = world.client(server, login)
        self.odoo = world.json2(server, login)
        self.context = {"lang": "en_US", "tz": self.zone or False}
        self.compared = self.refused = self.records = 0

    def reference(self, model, method, **arguments):
        """Odoo's own answer."""
        return self.odoo.call(model, method, context=self.context, **arguments)

    def ours(self, tool, arguments):
        """(structured content, None) or (None, refusal)."""
        answer = self.mcp.call(tool, arguments)
        assert answer.status == 200, answer.text
        result = answer.json["result"]
        if result["isError"]:
            return None, result["content"][0]["text"]
        return result["structuredContent"], None

    def undo(self, types):
        """Converts columns and rows back into the form of Odoo's `read`."""
        return lambda found: undo.undone(found, types, self.zone)

    def compare(self, reference, ours, convert, what, normal=lambda value: value):
        """Asserts that both return the same, or both refuse. For an access error our refusal has Odoo's text."""
        found, refusal = ours
        self.compared += 1
        if reference.status == 500:
            # Odoo itself fails on the call, as on an order that its public employees lack. Ours must refuse too.
            assert refusal is not None, what
            self.refused += 1
            return None
        if reference.status == 200:
            assert refusal is None, (what, refusal, reference.text[:300])
            got = convert(found)
            assert normal(got) == normal(reference.json), what
            self.records += len(reference.json) if isinstance(reference.json, list) else 1
            return reference.json
        assert refusal is not None, (what, reference.text[:500], found)
        assert reference.json["name"].startswith("odoo.exceptions."), (what, reference.text[:500])
        first = reference.json["message"].strip().splitlines()[0]
        assert first in refusal, (what, first, refusal)
        self.refused += 1
        return None


def unordered(values):
    """Sorts the ids in "replace by these" commands, because Odoo returns them in any order."""
    return {
        name: [[6, 0, sorted(command[2])] if command[0] == 6 else command for command in value]
        if isinstance(value, list) and value and isinstance(value[0], list)
        else value
        for name, value in values.items()
    }


def field_types(twin, model):
    """The types of all fields that the user may see, from Odoo. None when the user may not see the model."""
    answer = twin.reference(model, "fields_get", attributes=["type", "store", "sortable", "searchable", "relation"])
    return without_secrets(model, answer.json) if answer.status == 200 else None


def without_secrets(model, fields):
    """The fields whose names do not indicate a secret."""
    texts = ("char", "text", "html", "json", "binary")
    return {
        name: field
        for name, field in fields.items()
        if model not in WITH_SECRETS or field["type"] not in texts or not SECRET.search(name)
    }


def domains_for(chance, fields, world, model):
    """Domains of several kinds that fit the model, in Odoo's form (times in UTC)."""
    texts = sorted(
        name for name, field in fields.items() if field["type"] == "char" and field["store"] and field["searchable"]
    )
    relations = sorted(
        name for name, field in fields.items() if field["type"] == "many2one" and field["store"] and field["searchable"]
    )
    flags = sorted(
        name for name, field in fields.items() if field["type"] == "boolean" and field["store"] and field["searchable"]
    )
    dates = sorted(
        name for name, field in fields.items() if field["type"] == "datetime" and field["store"] and field["searchable"]
    )
    numbers = sorted(
        name
        for name, field in fields.items()
        if field["type"] in ("float", "integer", "monetary") and field["store"] and field["searchable"] and name != "id"
    )
    made = [
        [],
        [["id", "<=", 30]],
        ["|", ["id", "in", [1, 2, 3, 4, 5]], ["id", ">", 40]],
        ["!", ["id", "=", 2]],
        [["create_uid.login", "in", ["admin", "__system__"]]],
        [["id", "not in", []]],
        [["create_uid", "any", [["active", "=", True]]]],
    ]
    if texts:
        name = chance.choice(texts)
        made += [
            [[name, "ilike", "a"]],
            [[name, "=", False]],
            ["&", [name, "!=", False], ["id", ">", 3]],
            [[name, "=like", "%e%"]],
        ]
    if relations:
        name = chance.choice(relations)
        made += [
            [[name, "=", False]],
            [[name, "!=", False], [f"{name}.id", "<", 20]],
            [[name, "in", [1, 2, 3]]],
            [[f"{name}.display_name", "ilike", "e"]],
        ]
    if flags:
        name = chance.choice(flags)
        made += [[[name, "=", True]], [[name, "=", False]]]
    if dates:
        name = chance.choice(dates)
        made += [[[name, ">=", MOMENT]], ["|", [name, "<", MOMENT], [name, "=", False]]]
    if numbers:
        name = chance.choice(numbers)
        made += [[[name, ">", 0]], [[name, "<=", 10.5]]]
    return made


def as_local(domain, fields, zone):
    """The same domain as the user writes it, with times in the user's zone."""
    return [
        [leaf[0], leaf[1], undo.local(leaf[2], zone)]
        if isinstance(leaf, list) and leaf[2] == MOMENT and fields[leaf[0]]["type"] == "datetime"
        else leaf
        for leaf in domain
    ]

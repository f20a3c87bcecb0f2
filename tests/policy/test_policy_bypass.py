"""Hidden data stays hidden along every path: two databases that differ only in hidden data give the same answers.

Each path runs twice, with two values of the hidden data, under each kind of restriction and through each door.
Unrestricted, the two answers must differ, which proves that the path reads the data. Restricted, they must be
identical, including counts, totals, orders and error texts.
"""

import base64
import contextlib
import json
import re

import pytest
from support import policy, sample, summary
from support.seed import chance

# The fixture runs all paths before the first test, which takes minutes.
pytestmark = pytest.mark.timeout(2400)

PARTNER, LEAD, ORDER, USER = "res.partner", "crm.lead", "sale.order", "res.users"


def _first_names():
    """The first names of the two variants. A run with many seeds uses names with special meaning in SQL, LIKE or
    JSON."""
    random = chance()
    if random is None:
        return "Aaron", "Zoltan"
    middle = ["", "-", "_", "%", "'", '"', "\\", "ä", "日", " ", "$1", "{0}", "&amp;", "\u2028"]

    def made(first, letters):
        tail = (random.choice(middle) + random.choice(letters) for _ in range(random.randint(2, 4)))
        return first + "".join(tail)

    return made("A", "bcde"), made("Z", "uvwx")


# The two hidden values, and a value between them in alphabetical order.
FIRST, SECOND = _first_names()
ADDRESS = {"A": "aaron", "Z": "zoltan"}
TWINS = tuple(
    {"name": f"{name} Hidden", "email": f"{ADDRESS[name[0]]}@hidden.example", "comment": f"<p>{word}</p>", "ref": ref}
    for name, word, ref in ((FIRST, "gamma", "H-1"), (SECOND, "omega", "H-2"))
)
BETWEEN = {"name": "Mona Between", "email": "mona@between.example", "ref": "H-15"}
HIDDEN = ["name", "email", "comment", "ref"]
# A field of the test addon, computed from the phone number. Its errors quote the name.
MOOD = "mcp_test_mood"
SHOWN = [MOOD, "phone", "parent_id", "child_ids", "active", "is_company", "user_ids", "category_id", "message_ids"]


class Case:
    """The records of the matrix, created once."""

    def __init__(self, world, odoo):
        self.odoo = odoo
        self.world = world
        self.parent = odoo.value(PARTNER, "create", vals_list=[{"name": "Parent of all", "is_company": True}])[0]
        self.partner, self.other = odoo.value(
            PARTNER,
            "create",
            vals_list=[{**TWINS[0], "parent_id": self.parent}, {**BETWEEN, "parent_id": self.parent}],
        )
        sally = world["sally"].id
        self.lead, self.other_lead = odoo.value(
            LEAD,
            "create",
            vals_list=[
                {"name": "Lead", "partner_id": partner, "user_id": sally, "type": "opportunity", "phone": "1"}
                for partner in (self.partner, self.other)
            ],
        )
        self.order, self.other_order = odoo.value(
            ORDER,
            "create",
            vals_list=[{"partner_id": partner, "user_id": sally} for partner in (self.partner, self.other)],
        )
        self.user = odoo.value(
            USER,
            "create",
            vals_list=[{"login": "hidden.user", "partner_id": self.partner}],
            context={"no_reset_password": True},
        )[0]
        self.message = odoo.value(PARTNER, "message_post", ids=[self.partner], body="quoted")
        self.message = world.db.value("SELECT max(id) FROM mail_message WHERE model = %s", PARTNER)
        self.attachment = odoo.value(
            "ir.attachment",
            "create",
            vals_list=[{"name": "x", "raw": "", "res_model": PARTNER, "res_id": self.partner}],
        )[0]
        kind = world.db.value("SELECT id FROM mail_activity_type ORDER BY id LIMIT 1")
        self.activity = odoo.value(
            "mail.activity",
            "create",
            vals_list=[
                {
                    "activity_type_id": kind,
                    "res_model_id": world.db.value("SELECT id FROM ir_model WHERE model = %s", PARTNER),
                    "res_id": self.partner,
                    "user_id": sally,
                    "summary": "x",
                }
            ],
        )[0]
        record = f"odoo://record/{PARTNER}/{self.partner}"
        self.prompts = odoo.value(
            "mcp.prompt",
            "create",
            vals_list=[
                {
                    "name": name,
                    "message_ids": [[0, 0, {"role": "user", "kind": "resource", "uri": uri}]],
                    "argument_ids": [[0, 0, {"name": "who", "completion": "record", "completion_model": PARTNER}]],
                }
                for name, uri in (("bypass", record), ("bypass_mood", f"{record}/{MOOD}"))
            ],
        )

    def turn(self, twin):
        """Sets the hidden values to one variant. The write date is always the same."""
        self.odoo.value(PARTNER, "write", ids=[self.partner], vals=TWINS[twin])
        db, word = self.world.db, TWINS[twin]["name"]
        db.run("UPDATE mail_message SET body = %s WHERE id = %s", word, self.message)
        file = "UPDATE ir_attachment SET name = %s, db_datas = %s, file_size = %s, mimetype = %s WHERE id = %s"
        db.run(file, word, word.encode(), len(word.encode()), "text/plain", self.attachment)
        db.run("UPDATE mail_activity SET summary = %s WHERE id = %s", word, self.activity)
        for table in ("res_partner", "res_users", "crm_lead", "sale_order"):
            db.run(f"UPDATE {table} SET write_date = '2026-01-01', write_uid = 2 WHERE write_date > '2026-01-01'")

    def remove(self):
        """Restores the database."""
        for model, ids in (
            ("mcp.prompt", self.prompts),
            ("mail.activity", [self.activity]),
            ("ir.attachment", [self.attachment]),
            (LEAD, [self.lead, self.other_lead]),
            (ORDER, [self.order, self.other_order]),
            (USER, [self.user]),
            (PARTNER, [self.partner, self.other, self.parent]),
        ):
            self.odoo.value(model, "unlink", ids=ids)


def _call(tool, **arguments):
    def ask(client, case):
        filled = {
            name: json.dumps(value(case)) if name == "domain" else value(case) if callable(value) else value
            for name, value in arguments.items()
        }
        return client.call(tool, filled).json

    return ask


def _read(uri):
    return lambda client, case: client.modern("resources/read", {"uri": uri(case)}).json


def _complete(reference, name, value, **given):
    def ask(client, case):
        params = {"ref": reference, "argument": {"name": name, "value": value}}
        if given:
            params["context"] = {"arguments": given}
        return client.modern("completion/complete", params).json

    return ask


def _prompt(name):
    return lambda client, case: client.modern("prompts/get", {"name": name, "arguments": {}}).json


def _grumpy(asked):
    """The same, while a visible field fails with an error that quotes hidden values."""

    def ask(client, case):
        phone = "UPDATE res_partner SET phone = %s WHERE id = %s"
        case.world.db.run(phone, "grumpy", case.partner)
        try:
            return asked(client, case)
        finally:
            case.world.db.run(phone, None, case.partner)

    return ask


def _paged(model, domain, **more):
    """Both pages of one record each: the cursor, whose payload anybody can decode, and the second page."""

    def ask(client, case):
        arguments = {"model": model, "domain": json.dumps(domain(case)), "limit": 1, **more}
        first = client.call("search", arguments).json
        cursor = first["result"].get("structuredContent", {}).pop("next_cursor", None)
        if cursor is None:
            return first
        # The signature covers the payload, so it is dropped.
        first["result"]["content"] = base64.urlsafe_b64decode(cursor.split(".")[0] + "===").decode()
        return [first, client.call("search", {**arguments, "cursor": cursor}).json["result"].get("structuredContent")]

    return ask


def _asked(client, case):
    """The text of a confirmation request. Its token differs each time, so it is removed."""
    with case.world.db.parameter("odoo_mcp.confirm", "all"):
        values = {"model": PARTNER, "ids": [case.partner], "values": {"function": "x"}}
        answer = json.dumps(client.call("write", values).json)
    return json.loads(re.sub(r"[\w-]{38}", "token", answer))


def _both(case):
    return [["id", "in", [case.partner, case.other]]]


def _guess(field, operator="=", value=None):
    """A yes-or-no question: is it the value of the first variant?"""
    return lambda case: [["id", "=", case.partner], [field, operator, value or TWINS[0].get(field)]]


def _leads(*terms):
    return lambda case: [["id", "in", [case.lead, case.other_lead]], *terms]


EMAIL = TWINS[0]["email"]
WHOLE_NAME = "Parent of all, " + TWINS[0]["name"]
RECORD = {"type": "ref/resource", "uri": "odoo://record/{model}/{id}"}

# Maps a path to the function that requests it.
PATHS = {
    "search fields": _call("search", model=PARTNER, domain=_both, fields=["email"], order="id"),
    "search default fields": _call("search", model=PARTNER, domain=_both, order="id"),
    "search computed": _call("search", model=PARTNER, domain=_both, fields=["email_normalized"], order="id"),
    "search stored name": _call("search", model=PARTNER, domain=_both, fields=["complete_name"], order="id"),
    "search display name": _call("search", model=PARTNER, domain=_both, fields=["display_name"], order="id"),
    "search default order": _call("search", model=PARTNER, domain=_both, fields=["id"]),
    "pages by a hidden field": _paged(PARTNER, _both, fields=["id"], order="email"),
    "pages in the model's order": _paged(PARTNER, _both, fields=["id"]),
    "pages by a relation": _paged(LEAD, lambda c: _leads()(c), fields=["id"], order="partner_id"),
    "read html as text": _call("read", model=PARTNER, ids=lambda c: [c.partner], fields=["comment"], html="markdown"),
    "read whole": _call("read", model=PARTNER, ids=lambda c: [c.partner], fields=["name", "email"], whole=True),
    "read a long list whole": _call("read", model=PARTNER, ids=lambda c: [c.parent], fields=["child_ids"], whole=True),
    "search total": _call("search", model=PARTNER, domain=_guess("email"), fields=["id"]),
    "read fields": _call("read", model=PARTNER, ids=lambda c: [c.partner], fields=["name", "email"]),
    "search in a language": _call(
        "search", model=PARTNER, domain=_both, fields=["email"], order="id", context={"lang": "en_US"}
    ),
    "read for a company": _call(
        "read",
        model=PARTNER,
        ids=lambda c: [c.partner],
        fields=["email"],
        context=lambda c: {"lang": "en_US", "company_ids": [c.world.main]},
    ),
    "read html": _call("read", model=PARTNER, ids=lambda c: [c.partner], fields=["comment"]),
    "read default fields": _call("read", model=PARTNER, ids=lambda c: [c.partner]),
    "read inherited": _call("read", model=USER, ids=lambda c: [c.user], fields=["email"]),
    "search inherited": _call("count", model=USER, domain=lambda c: [["id", "=", c.user], ["email", "=", EMAIL]]),
    "read many2one": _call("read", model=LEAD, ids=lambda c: [c.lead], fields=["partner_id"]),
    "search many2one": _call("search", model=ORDER, domain=lambda c: [["id", "=", c.order]], fields=["partner_id"]),
    "read list of records": _call("read", model=PARTNER, ids=lambda c: [c.parent], fields=["child_ids"]),
    "count": _call("count", model=PARTNER, domain=_guess("email")),
    "count like": _call("count", model=PARTNER, domain=_guess("email", "=ilike", "a%")),
    "count by letter": _call("count", model=PARTNER, domain=_guess("ref", "<", "H-12")),
    "count unlike": _call("count", model=PARTNER, domain=_guess("email", "!=")),
    "count negated": _call(
        "count", model=PARTNER, domain=lambda c: [["id", "=", c.partner], "!", ["email", "=", EMAIL]]
    ),
    "count either": _call(
        "count", model=PARTNER, domain=lambda c: [["id", "=", c.partner], "|", ["id", "=", 0], ["email", "=", EMAIL]]
    ),
    "count computed": _call("count", model=PARTNER, domain=_guess("email_normalized", "=", EMAIL)),
    "count by name": _call("count", model=PARTNER, domain=_guess("display_name", "ilike", FIRST)),
    "count by name's fields": _call("count", model=PARTNER, domain=_guess("display_name", "ilike", "aaron@hidden")),
    "count dotted": _call("count", model=LEAD, domain=_leads(["partner_id.email", "=", EMAIL])),
    "count dotted negated": _call("count", model=LEAD, domain=_leads("!", ["partner_id.email", "=", EMAIL])),
    "count dotted twice": _call("count", model=PARTNER, domain=lambda c: [["parent_id.child_ids.email", "=", EMAIL]]),
    "count any": _call("count", model=LEAD, domain=_leads(["partner_id", "any", [["email", "=", EMAIL]]])),
    "count not any": _call("count", model=LEAD, domain=_leads(["partner_id", "not any", [["email", "=", EMAIL]]])),
    "count any in any": _call(
        "count",
        model=PARTNER,
        domain=lambda c: [["id", "=", c.parent], ["child_ids", "any", [["user_ids", "any", [["email", "=", EMAIL]]]]]],
    ),
    "count many2one by name": _call("count", model=LEAD, domain=_leads(["partner_id", "ilike", FIRST])),
    "count many2one is name": _call("count", model=LEAD, domain=_leads(["partner_id", "=", WHOLE_NAME])),
    "count many2one not named": _call("count", model=LEAD, domain=_leads(["partner_id", "not ilike", FIRST])),
    "count under a name": _call("count", model=PARTNER, domain=lambda c: [["id", "child_of", TWINS[0]["name"]]]),
    "order": _call("search", model=PARTNER, domain=_both, fields=["id"], order="email"),
    "order descending": _call("search", model=PARTNER, domain=_both, fields=["id"], order="name desc, id"),
    "order computed": _call("search", model=PARTNER, domain=_both, fields=["id"], order="complete_name"),
    "order many2one": _call("search", model=LEAD, domain=_leads(), fields=["id"], order="partner_id"),
    "order inherited": _call(
        "search",
        model=USER,
        domain=lambda c: [["id", "in", [c.user, c.world["sally"].id]]],
        fields=["id"],
        order="email",
    ),
    "method": _call("method_call", model=PARTNER, method="get_mention_suggestions", args='["hidden.example"]'),
    "question before a change": _asked,
    "dry run of deleting a message": _call("unlink", model="mail.message", ids=lambda c: [c.message], dry_run=True),
    "dry run of deleting a file": _call("unlink", model="ir.attachment", ids=lambda c: [c.attachment], dry_run=True),
    "record": _read(lambda c: f"odoo://record/{PARTNER}/{c.partner}"),
    "record of another": _read(lambda c: f"odoo://record/{ORDER}/{c.order}"),
    "record with a copy": _read(lambda c: f"odoo://record/{LEAD}/{c.lead}"),
    "count by a copy": _call("count", model=LEAD, domain=_leads(["email_from", "=", EMAIL])),
    "record inherited": _read(lambda c: f"odoo://record/{USER}/{c.user}"),
    "value": _read(lambda c: f"odoo://record/{PARTNER}/{c.partner}/email"),
    "value of html": _read(lambda c: f"odoo://record/{PARTNER}/{c.partner}/comment"),
    "value many2one": _read(lambda c: f"odoo://record/{ORDER}/{c.order}/partner_id"),
    "prompt": _prompt("bypass"),
    "error of a tool": _grumpy(_call("read", model=PARTNER, ids=lambda c: [c.partner], fields=[MOOD])),
    "error of a resource": _grumpy(_read(lambda c: f"odoo://record/{PARTNER}/{c.partner}/{MOOD}")),
    "error of a prompt": _grumpy(_prompt("bypass_mood")),
    "complete id": _complete(RECORD, "id", "aaron@hidden.example", model=PARTNER),
    "complete record": _complete({"type": "ref/prompt", "name": "bypass"}, "who", FIRST),
    "complete record by email": _complete({"type": "ref/prompt", "name": "bypass"}, "who", "aaron@hidden"),
    "message": _call("search", model="mail.message", domain=lambda c: [["id", "=", c.message]], fields=["body"]),
    "message by id": _call("read", model="mail.message", ids=lambda c: [c.message], fields=["body"]),
    "message through record": _call(
        "count", model=PARTNER, domain=lambda c: [["id", "=", c.partner], ["message_ids.body", "ilike", FIRST]]
    ),
    "attachment": _call("search", model="ir.attachment", domain=lambda c: [["id", "=", c.attachment]], fields=["name"]),
    "attachment value": _read(lambda c: f"odoo://record/ir.attachment/{c.attachment}/name"),
    "attachment content": _call(
        "read", model="ir.attachment", ids=lambda c: [c.attachment], fields=["raw"], whole=True
    ),
    "file": _call("read_file", id=lambda c: c.attachment),
    "report": _call("render_report", model=ORDER, ids=lambda c: [c.order], report="sale.report_saleorder"),
    "method of an activity": _call(
        "method_call", model="mail.activity", method="activity_format", ids=lambda c: [c.activity]
    ),
    "activity": _call("read", model="mail.activity", ids=lambda c: [c.activity], fields=["summary", "res_name"]),
    "aggregate group": _call("aggregate", model=PARTNER, domain=_both, groupby=["email"]),
    "aggregate group computed": _call("aggregate", model=PARTNER, domain=_both, groupby=["email_normalized"]),
    "aggregate group by name": _call("aggregate", model=PARTNER, domain=_both, groupby=["complete_name"]),
    "aggregate group inherited": _call(
        "aggregate", model=USER, domain=lambda c: [["id", "=", c.user]], groupby=["email"]
    ),
    "aggregate group many2one": _call("aggregate", model=LEAD, domain=_leads(), groupby=["partner_id"]),
    "aggregate group path": _call("aggregate", model=LEAD, domain=_leads(), groupby=["partner_id.email"]),
    "aggregate group long path": _call(
        "aggregate", model=USER, domain=lambda c: [["id", "=", c.user]], groupby=["partner_id.email"]
    ),
    "aggregate group of messages": _call(
        "aggregate", model="mail.message", domain=lambda c: [["id", "=", c.message]], groupby=["body"]
    ),
    "aggregate group by a copy": _call("aggregate", model=LEAD, domain=_leads(), groupby=["email_from"]),
    "aggregate measure": _call("aggregate", model=PARTNER, domain=_both, measures=["email:min"]),
    "aggregate measure computed": _call("aggregate", model=PARTNER, domain=_both, measures=["email_normalized:max"]),
    "aggregate measure inherited": _call(
        "aggregate", model=USER, domain=lambda c: [["id", "=", c.user]], measures=["email:max"]
    ),
    "aggregate having": _call(
        "aggregate", model=PARTNER, domain=_both, groupby=["id"], having=[["email:max", "<", "b"]]
    ),
    "aggregate having negated": _call(
        "aggregate", model=PARTNER, domain=_both, groupby=["id"], having=["!", ["ref:max", "=", "H-1"]]
    ),
    "aggregate order": _call("aggregate", model=PARTNER, domain=_both, groupby=["id"], order="email:min"),
    "aggregate order by name": _call(
        "aggregate", model=PARTNER, domain=_both, groupby=["id"], order="complete_name:max desc"
    ),
    "aggregate order many2one": _call(
        "aggregate", model=LEAD, domain=_leads(), groupby=["partner_id"], order="partner_id desc"
    ),
    "aggregate page of many2one": _call("aggregate", model=LEAD, domain=_leads(), groupby=["partner_id"], limit=1),
    "aggregate domain": _call("aggregate", model=PARTNER, domain=_guess("email")),
    "aggregate dotted domain": _call("aggregate", model=LEAD, domain=_leads(["partner_id.email", "=", EMAIL])),
}


# A stored copy of a hidden field is hidden with the field. It stays visible when only the record is hidden, because the
# copy is a value of another model.
OF_FIELDS_ONLY = {"record with a copy", "count by a copy", "aggregate group by a copy"}


@contextlib.contextmanager
def _nothing(case, key):
    yield


def _access(**values):
    def kind(case, key):
        made = {name: value(case) if callable(value) else value for name, value in values.items()}
        return policy.Restrictions(case.world.db).access(PARTNER, **made)

    return kind


def _line(all_models=True, **values):
    def kind(case, key):
        made = {name: value(case) if callable(value) else value for name, value in values.items()}
        return policy.Restrictions(case.world.db).scope(key, [(PARTNER, made)], all_models=all_models)

    return kind


def _elsewhere(case):
    return [["id", "!=", case.partner]]


@contextlib.contextmanager
def _no_default(case, key):
    made = policy.Restrictions(case.world.db)
    with made.setting("default_access", "none"), made.access(LEAD), made.access(ORDER), made.access(USER):
        yield


def _out_of_scope(case, key):
    models = (LEAD, ORDER, USER, "mail.message", "ir.attachment", "mail.activity")
    lines = [(model, {}) for model in models]
    return policy.Restrictions(case.world.db).scope(key, lines, all_models=False)


KINDS = {
    "hidden": _access(hidden=HIDDEN),
    "not allowed": _access(allowed=SHOWN),
    "hidden by scope": _line(hidden=HIDDEN),
    "not allowed by scope": _line(allowed=SHOWN),
    "record domain": _access(domain=_elsewhere),
    "record domain of scope": _line(domain=_elsewhere),
    "no reading": _access(off=["read"]),
    "no reading by scope": _line(off=["read"]),
    "not in scope": _out_of_scope,
    "groups": _access(groups=["base.group_system"]),
    "no access record": _no_default,
}


FIELD_KINDS = ("hidden", "not allowed", "hidden by scope", "not allowed by scope")
CHOSEN = {kind: KINDS[kind] for kind in sample.some("bypass", KINDS, 5)}
CELLS = [(kind, path) for kind in CHOSEN for path in PATHS if path not in OF_FIELDS_ONLY or kind in FIELD_KINDS]
DOORS = sample.doors("test_policy_bypass.py")


def _plain(answer):
    """An answer without the parts that change each time."""
    text = json.dumps(answer, sort_keys=True)
    return re.sub(r'"id": \d+, "jsonrpc"', '"jsonrpc"', text)


def _answered(ask, client, case):
    """The answer. Repeats the request while the server is busy."""
    for _attempt in range(5):
        answer = _plain(ask(client, case))
        if "The database is busy" not in answer:
            break
    return answer


@pytest.fixture(scope="module")
def case(world, fast_server):
    made = Case(world, world.json2(fast_server))
    yield made
    made.remove()


@pytest.fixture(scope="module")
def observed(world, case, request):
    """The answers of each path for both variants, by door, kind (None: unrestricted) and path."""
    # A key that can have a scope.
    key = world["sally"].keys["mcp"]
    servers = {door: request.getfixturevalue(f"{door}_server") for door in DOORS}
    clients = {door: world.client(server, "sally", "mcp") for door, server in servers.items()}
    found = {}
    for twin in (0, 1):
        case.turn(twin)
        for kind, restrict in {None: _nothing, **CHOSEN}.items():
            with restrict(case, key):
                for door, client in clients.items():
                    for path, ask in PATHS.items():
                        found.setdefault((door, kind, path), []).append(_answered(ask, client, case))
    calls = sum(len(answers) for answers in found.values())
    summary.add(
        "policy: paths, restrictions, doors",
        f"{len(PATHS)} paths, {len(CHOSEN)} of {len(KINDS)} restrictions, {len(clients)} doors: {calls} calls,"
        f" {len(CELLS) * len(clients)} cells, each with its control",
    )
    return found


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("path", PATHS)
def test_unrestricted_the_path_tells(observed, path, door):
    first, second = observed[door, None, path]
    assert first != second


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("kind", "path"), CELLS)
def test_restricted_it_tells_nothing(observed, kind, path, door):
    first, second = observed[door, kind, path]
    assert first == second

"""A dry run reports what the real run then changes, and leaves nothing behind."""

import concurrent.futures
import contextlib
import json
import re
import time

import pytest
from support import mcp, summary
from support.content import content, differences
from support.json2 import Json2
from support.policy import Restrictions

DATABASE = "dry_run"
UNTOLD = {"id", "create_uid", "create_date", "write_uid", "write_date", "parent_path"}
LEAD, ORDER, MOVE, PICKING, PURCHASE = "crm.lead", "sale.order", "account.move", "stock.picking", "purchase.order"


@pytest.fixture(scope="module")
def db(world):
    """A separate database, so that no other test changes it meanwhile."""
    made = world.copy(DATABASE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(environment, db):
    """A server without scheduled jobs, which could also change data."""
    started = environment.odoo(DATABASE, name="dry-run", workers=2, options={"max_cron_threads": 0})
    yield started
    started.stop()


@pytest.fixture(scope="module")
def key(world):
    """The administrator's key for `/json/2` and for MCP."""
    return world["admin"].keys["rpc"]


@pytest.fixture(scope="module")
def odoo(server, key):
    """Odoo's own interface."""
    return Json2(server, key)


@pytest.fixture(scope="module")
def client(server, key):
    """The same user through MCP."""
    made = mcp.Client(server, mcp.bearer(key))
    # Results are validated against the listed output schemas.
    made.tools()
    return made


def draft_order(odoo, db):
    partner = odoo.value("res.partner", "create", vals_list=[{"name": "Dry Customer"}])[0]
    product = odoo.value("product.product", "create", vals_list=[{"name": "Dry Goods", "is_storable": True}])[0]
    line = [0, 0, {"product_id": product, "product_uom_qty": 3, "price_unit": 7}]
    return odoo.value(ORDER, "create", vals_list=[{"partner_id": partner, "order_line": [line]}])[0]


def draft_invoice(odoo, db):
    partner = odoo.value("res.partner", "create", vals_list=[{"name": "Dry Debtor"}])[0]
    line = [0, 0, {"name": "Dry work", "quantity": 2, "price_unit": 50}]
    values = {"move_type": "out_invoice", "partner_id": partner, "invoice_date": "2026-11-02"}
    return odoo.value(MOVE, "create", vals_list=[{**values, "invoice_line_ids": [line]}])[0]


def draft_purchase(odoo, db):
    partner = odoo.value("res.partner", "create", vals_list=[{"name": "Dry Vendor"}])[0]
    product = odoo.value("product.product", "create", vals_list=[{"name": "Dry Parts", "is_storable": True}])[0]
    line = [0, 0, {"product_id": product, "product_qty": 4, "price_unit": 5}]
    return odoo.value(PURCHASE, "create", vals_list=[{"partner_id": partner, "order_line": [line]}])[0]


def ready_receipt(odoo, db, received=4):
    purchase = draft_purchase(odoo, db)
    odoo.value(PURCHASE, "button_confirm", ids=[purchase])
    picking = db.value(
        "SELECT p.id FROM stock_picking p JOIN purchase_order o ON o.name = p.origin WHERE o.id = %s", purchase
    )
    moves = [row["id"] for row in db.rows("SELECT id FROM stock_move WHERE picking_id = %s", picking)]
    odoo.value("stock.move", "write", ids=moves, vals={"quantity": received, "picked": True})
    return picking


def lead(odoo, db):
    return odoo.value(LEAD, "create", vals_list=[{"name": "Dry lead", "type": "lead", "partner_name": "Dry Ltd"}])[0]


FLOWS = {
    "a sale is confirmed": (ORDER, "action_confirm", draft_order, {}),
    "an invoice is posted": (MOVE, "action_post", draft_invoice, {}),
    "a transfer is validated": (PICKING, "button_validate", ready_receipt, {}),
    "a lead is converted": (LEAD, "convert_opportunity", lead, {"args": "[false]"}),
    "a purchase is confirmed": (PURCHASE, "button_confirm", draft_purchase, {}),
}


SHOWN = {}


class Fields:
    """Odoo's fields of a model, which determine how columns are compared."""

    def __init__(self, odoo, db):
        self.odoo = odoo
        self.known = {}
        models = db.rows("SELECT model FROM ir_model")
        self.models = {row["model"].replace(".", "_"): row["model"] for row in models}
        relations = db.rows(
            "SELECT model, name, relation_table FROM ir_model_fields WHERE ttype = 'many2many' AND store"
        )
        self.relations = {row["relation_table"] for row in relations}
        self.tables = {(row["model"], row["name"]): row["relation_table"] for row in relations}

    def of(self, model):
        """Stored fields by name, with their types."""
        if model not in self.known:
            fields = self.odoo.value(model, "fields_get", attributes=["type", "store", "translate"])
            self.known[model] = {name: field for name, field in fields.items() if field["store"]}
        return self.known[model]

    def pair(self, model, old, new, names):
        """The field values before and after, as far as both runs must agree."""
        picked = ({name: row.get(name) for name in names} for row in (old, new))
        return tuple(self.comparable(model, row) for row in picked)

    def comparable(self, model, row):
        """The values of a row that both runs must share. Excludes times and ids of new records."""
        kept = {}
        for name, field in self.of(model).items():
            value = row.get(name)
            if name in UNTOLD or value is None or field["type"] in ("datetime", "binary", "many2one_reference"):
                continue
            if field.get("translate") and isinstance(value, dict):
                value = value["en_US"]
            if isinstance(value, dict) or "uuid" in name or "token" in name:
                continue
            if field["type"] == "many2one":
                value = "set"
            elif isinstance(value, str):
                value = re.sub(r"\d+", "#", value)
            kept[name] = value
        return kept


@pytest.mark.parametrize("flow", sorted(FLOWS))
def test_the_report_is_what_the_real_run_changes(flow, odoo, client, db):
    model, method, prepare, more = FLOWS[flow]
    record = prepare(odoo, db)
    call = {"model": model, "method": method, "ids": [record], **more}
    before = content(db)
    signals = db.rows("SELECT sequencename, last_value FROM pg_sequences WHERE sequencename ~ 'signaling'")
    tried = client.result("method_call", {**call, "dry_run": True})
    assert differences(before, content(db)) == {}, "something is left of the dry run"
    assert signals == db.rows("SELECT sequencename, last_value FROM pg_sequences WHERE sequencename ~ 'signaling'")
    assert "not_shown" not in tried["dry_run"]
    assert tried["result"] == client.result("method_call", call)["result"]
    real = differences(before, content(db))
    fields = Fields(odoo, db)
    expected = {"created": {}, "changed": {}, "deleted": {}, "links": {}}
    for (table, number), (old, new) in real.items():
        name = fields.models.get(table)
        if name is None and table in fields.relations:
            expected["links"].setdefault(table, []).append("removed" if old else "added")
        if name is None or name.startswith(("mcp.", "ir.attachment")):
            continue
        change = "changed" if old and new else "created" if new else "deleted"
        if change == "changed":
            names = [field for field in fields.of(name) if field not in UNTOLD and old.get(field) != new.get(field)]
            if names:
                expected[change][name, number] = (set(names), *fields.pair(name, old, new, names))
        else:
            row = fields.comparable(name, new or old)
            expected[change].setdefault(name, []).append(json.dumps(row, sort_keys=True))
    told = {"created": {}, "changed": {}, "deleted": {}, "links": {}}
    for item in tried["dry_run"]["changes"]:
        for field, links in item.get("links", {}).items():
            table = fields.tables[item["model"], field]
            for change, related in links.items():
                told["links"].setdefault(table, []).extend([change] * len(related))
        if item["change"] == "changed":
            if names := set(item["after"]):
                pair = fields.pair(item["model"], item["before"], item["after"], names)
                told["changed"][item["model"], item["id"]] = (names, *pair)
        else:
            row = item.get("after") or item.get("before") or {}
            row = fields.comparable(item["model"], row)
            told[item["change"]].setdefault(item["model"], []).append(json.dumps(row, sort_keys=True))
    links = [{table: sorted(found) for table, found in side.pop("links").items()} for side in (told, expected)]
    assert links[0] == links[1]
    hidden = tried["dry_run"].get("others", 0)
    seen = {name for name, _ in told["changed"]} | told["created"].keys() | told["deleted"].keys()
    for change, found in expected.items():
        for what, value in list(found.items()):
            name = what[0] if change == "changed" else what
            if name not in seen and hidden:
                hidden -= 1 if change == "changed" else len(value)
                del found[what]
    assert hidden >= 0
    assert told["changed"] == expected["changed"]
    for change in ("created", "deleted"):
        assert {name: len(rows) for name, rows in told[change].items()} == {
            name: len(rows) for name, rows in expected[change].items()
        }
        for name, rows in told[change].items():
            # A report on a new record omits unset fields.
            made = [{k: v for k, v in json.loads(row).items() if v is not False} for row in expected[change][name]]
            assert sorted(json.dumps({k: v for k, v in json.loads(r).items() if v is not False}, sort_keys=True)
                          for r in rows) == sorted(json.dumps(row, sort_keys=True) for row in made), name
    SHOWN[flow] = (len(tried["dry_run"]["changes"]), tried["dry_run"].get("others", 0), len(real))
    lines = [(name, *counts) for name, counts in sorted(SHOWN.items())]
    summary.add("dry runs", summary.table(("flow", "records told", "others", "rows of the real run"), lines))


def test_a_method_that_asks_for_more_first_is_told_as_in_the_real_call(odoo, client, db):
    picking = ready_receipt(odoo, db, received=1)
    before = content(db)
    call = {"model": PICKING, "method": "button_validate", "ids": [picking]}
    tried = client.result("method_call", {**call, "dry_run": True})
    # The method only opens a wizard: it does nothing before the user decides.
    assert tried["result"]["action"]["res_model"] == "stock.backorder.confirmation"
    assert tried["result"] == client.result("method_call", call)["result"]
    assert differences(before, content(db)) == {}


def test_create_write_and_unlink_are_tried(odoo, client, db):
    partner = odoo.value("res.partner", "create", vals_list=[{"name": "To be tried", "phone": "1"}])[0]
    before = content(db)
    made = client.result("create", {"model": "res.partner", "values": '{"name": "Never there"}', "dry_run": True})
    assert made["ids"] == [] and made["names"] == []
    (new,) = [item for item in made["dry_run"]["changes"] if item["model"] == "res.partner"]
    assert (new["change"], new["after"]["name"], new["name"]) == ("created", "Never there", "Never there")
    values = {"model": "res.partner", "ids": [partner], "values": '{"phone": "2", "name": "Tried"}'}
    written = client.result("write", {**values, "dry_run": True})
    (item,) = [item for item in written["dry_run"]["changes"] if item["model"] == "res.partner"]
    assert (item["before"]["phone"], item["after"]["phone"]) == ("1", "2")
    # A stored computed field that changes with it.
    assert item["after"]["complete_name"] == "Tried"
    gone = client.result("unlink", {"model": "res.partner", "ids": [partner], "dry_run": True})
    (item,) = [item for item in gone["dry_run"]["changes"] if item["model"] == "res.partner"]
    assert (item["change"], item["id"], item["before"]["name"]) == ("deleted", partner, "To be tried")
    assert differences(before, content(db)) == {}
    mark = db.audit_mark()
    client.result("write", {**values, "dry_run": True})
    (row,) = db.audit_since(mark)
    assert (row["status"], row["request"]["dry_run"]) == ("dry_run", True)
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0


def test_what_fails_really_fails_when_tried(client, db):
    answer = client.refusal("create", {"model": "res.partner", "values": '{"nmae": "x"}', "dry_run": True})
    assert "`name`" in answer
    with Restrictions(db).access("res.company"):
        answer = client.refusal("unlink", {"model": "res.company", "ids": [1], "dry_run": True})
    assert "Nothing was changed" in answer


def test_only_listed_methods_are_tried(client, db):
    call = {"model": ORDER, "ids": [1], "dry_run": True}
    said = client.refusal("method_call", {**call, "method": "action_cancel"})
    assert "these can be tried: action_confirm" in said and "Nothing was run" in said
    other = {"model": "res.partner", "ids": [1], "method": "create_company", "dry_run": True}
    said = client.refusal("method_call", other)
    assert "No method of res.partner can be tried" in said
    with contextlib.ExitStack() as undo:
        db.run("UPDATE mcp_dry_run_method SET active = false WHERE model = %s", ORDER)
        undo.callback(db.run, "UPDATE mcp_dry_run_method SET active = true WHERE model = %s", ORDER)
        assert "No method of sale.order" in client.refusal("method_call", {**call, "method": "action_confirm"})


def test_a_key_for_doing_once_is_none_for_trying(client):
    call = {"model": "res.partner", "values": '{"name": "x"}', "dry_run": True, "idempotency_key": "k-1"}
    assert "idempotency_key: leave it out of a dry run" in client.refusal("create", call)
    call = {"model": "res.partner", "ids": [1], "values": '{"name": "x"}', "dry_run": True, "confirmation": "x" * 38}
    assert "confirmation: leave it out of a dry run" in client.refusal("write", call)


def _listed(db, method):
    return db.run("INSERT INTO mcp_dry_run_method (model, method, active) VALUES ('mcp.test.item', %s, true)", method)


@pytest.mark.parametrize("way", ["swallowed", "raised"])
def test_nothing_reaches_the_network(odoo, client, db, way):
    item = odoo.value("mcp.test.item", "create", vals_list=[{"name": f"outside {way}"}])[0]
    method = f"action_reach_out_{way}"
    _listed(db, method)
    said = client.refusal("method_call", {"model": "mcp.test.item", "ids": [item], "method": method, "dry_run": True})
    assert "192.0.2.1" in said and "would reach outside" in said
    assert db.value("SELECT name FROM mcp_test_item WHERE id = %s", item) == f"outside {way}"


def test_a_method_that_commits_is_stopped(odoo, client, db):
    item = odoo.value("mcp.test.item", "create", vals_list=[{"name": "committing"}])[0]
    _listed(db, "action_commit_itself")
    call = {"model": "mcp.test.item", "ids": [item], "method": "action_commit_itself", "dry_run": True}
    assert "commits by itself" in client.refusal("method_call", call)
    assert db.value("SELECT name FROM mcp_test_item WHERE id = %s", item) == "committing"


def test_the_report_shows_what_the_caller_may_see(odoo, client, db, server, world):
    restrict = Restrictions(db)
    partner = odoo.value("res.partner", "create", vals_list=[{"name": "Seen in part", "email": "old@x.example"}])[0]
    call = {"model": "res.partner", "ids": [partner], "values": '{"phone": "3"}', "dry_run": True}
    with restrict.access("res.partner", hidden=["email", "complete_name"]):
        tried = client.result("write", call)["dry_run"]
        (item,) = [item for item in tried["changes"] if item["model"] == "res.partner"]
        assert item["after"]["phone"] == "3" and not {"email", "complete_name", "name"} & item["after"].keys()
        assert "name" not in item
        made = client.result("create", {"model": "res.partner", "values": '{"name": "x"}', "dry_run": True})["dry_run"]
        assert "complete_name" not in json.dumps(made) and "email" not in json.dumps(made)
    with restrict.access("res.partner", domain=[["id", "=", partner]]):
        tried = client.result("write", call)["dry_run"]
        assert [item for item in tried["changes"] if item["model"] == "res.partner"] == []
        assert tried["others"] >= 1
    tried = client.result("write", call)["dry_run"]
    assert [item["name"] for item in tried["changes"] if item["model"] == "res.partner"] == ["Seen in part"]
    with restrict.setting("read_only", "True"):
        assert client.call("write", call).status == 200
        assert "Seen in part" not in client.call("write", call).text


TRIAL = "mcp.test.trial"


@pytest.fixture
def trial(odoo, db):
    """Creates a record of the model with difficult methods."""

    def make(**values):
        return odoo.value(TRIAL, "create", vals_list=[values])[0]

    yield make
    db.run("DELETE FROM mcp_dry_run_method WHERE model = %s", TRIAL)
    db.run("DELETE FROM test_trial_rel")
    db.run("DELETE FROM mcp_test_trial")


def _trial_call(db, method, number):
    """Arguments that call one of its methods. Adds the method to the allowed list."""
    db.run("INSERT INTO mcp_dry_run_method (model, method, active) VALUES (%s, %s, true)", TRIAL, method)
    return {"model": TRIAL, "ids": [number], "method": method, "dry_run": True}


def _of(tried, model=TRIAL):
    return [item for item in tried["dry_run"]["changes"] if item["model"] == model]


@pytest.mark.parametrize("tool", ["write", "create", "unlink"])
def test_a_dry_run_that_fails_says_that_it_was_one(client, db, trial, tool):
    number = trial(name="x")
    arguments = {
        "write": {"ids": [number + 100000], "values": '{"name": "y"}'},
        "create": {"values": '{"other_ids": [[6, 0, [99999999]]]}'},
        "unlink": {"ids": [number + 100000]},
    }[tool]
    mark = db.audit_mark()
    said = client.refusal(tool, {"model": TRIAL, **arguments, "dry_run": True})
    assert said.rstrip().endswith("This was a dry run.")
    assert "dry run" not in client.refusal(tool, {"model": TRIAL, **arguments})
    tried, real = db.audit_since(mark)
    assert tried["request"]["dry_run"] is True and tried["status"] == real["status"] != "dry_run"


def test_other_connections_keep_nothing(client, db, trial):
    trial(name="elsewhere", amount=5)
    number = trial(name="here", amount=1)
    said = client.refusal("method_call", _trial_call(db, "action_write_elsewhere", number))
    assert "A dry run is not possible" in said and "connection of its own" in said
    tried = client.result("method_call", _trial_call(db, "action_write_elsewhere_if_possible", number))
    assert [item["after"] for item in _of(tried)] == [{"amount": 2}]
    # Reading is harmless.
    tried = client.result("method_call", _trial_call(db, "action_read_elsewhere", number))
    assert _of(tried) == []
    amounts = {row["name"]: row["amount"] for row in db.rows("SELECT name, amount FROM mcp_test_trial")}
    assert amounts == {"elsewhere": 5, "here": 1}
    # The real run may write through the connections that were read-only before.
    for _ in range(3):
        client.result("method_call", {"model": TRIAL, "ids": [number], "method": "action_write_elsewhere"})
    assert db.value("SELECT amount FROM mcp_test_trial WHERE name = 'elsewhere'") == 99


def test_a_dry_run_ends_in_time(client, db, trial):
    number = trial(name="kept")
    values = {"model": TRIAL, "ids": [number], "values": '{"name": "tried"}', "dry_run": True}
    with Restrictions(db).setting("call_seconds", "2"):
        # Two transactions of one call would wait for each other, and PostgreSQL could not detect the deadlock.
        said = client.refusal("method_call", _trial_call(db, "action_lock_table", number))
        assert "longer than 2 seconds" in said
        with db.transaction() as cursor:
            cursor.execute("UPDATE mcp_test_trial SET amount = 3 WHERE id = %s", (number,))
            mark = db.audit_mark()
            assert "longer than 2 seconds" in client.refusal("write", values)
            (row,) = db.audit_since(mark)
            assert (row["status"], row["request"]["dry_run"]) == ("error", True)
        (item,) = _of(client.result("write", values))
        assert (item["before"], item["after"]) == ({"name": "kept"}, {"name": "tried"})


def test_who_writes_the_same_record_meanwhile_waits_and_wins(client, odoo, db, trial):
    number = trial(name="kept")
    call = _trial_call(db, "action_wait", number)
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        tried = pool.submit(client.result, "method_call", call)
        deadline = time.monotonic() + 30
        while not db.value(sleeping):
            assert time.monotonic() < deadline
        odoo.value(TRIAL, "write", ids=[number], vals={"name": "really"})
        (item,) = _of(tried.result())
    assert (item["before"], item["after"]) == ({"name": "kept"}, {"name": "waiting"})
    assert db.value("SELECT name FROM mcp_test_trial WHERE id = %s", number) == "really"


def test_no_mail_leaves(client, db, trial):
    number = trial(name="x")
    mails = "SELECT count(*), coalesce(max(id), 0) AS last FROM mail_mail"
    before = db.row(mails)
    tried = client.result("method_call", _trial_call(db, "action_mail", number))["dry_run"]
    assert tried["mails"] == 1
    said = client.refusal("method_call", _trial_call(db, "action_mail_at_once", number))
    assert "would reach outside" in said
    assert db.row(mails) == before


def test_numbers_that_are_used_up_are_counted(client, odoo, db, trial):
    values = {"name": "Trials", "code": TRIAL, "implementation": "standard", "number_increment": 5}
    odoo.value("ir.sequence", "create", vals_list=[{**values, "number_next": 40, "padding": 3}])
    call = _trial_call(db, "action_number", trial(name="x"))
    for first, second in ((40, 45), (50, 55)):
        tried = client.result("method_call", call)
        (item,) = _of(tried)
        assert item["after"]["name"] == f"{first:03}{second:03}"
        assert tried["dry_run"]["sequences"] == [{"name": "Trials", "numbers": 2}]


def test_what_was_out_of_reach_stays_so(client, odoo, db, server, world, trial):
    """A method makes records readable or deletes them. The dry run still does not reveal them."""
    sally = world.client(server, "sally", "mcp")
    hidden = [trial(name="hidden one", amount=500), trial(name="hidden two", amount=600)]
    odoo.value(TRIAL, "write", ids=hidden, vals={"other_ids": [[6, 0, hidden]]})
    number = trial(name="mine", amount=1)
    model = db.value("SELECT id FROM ir_model WHERE model = %s", TRIAL)
    rule = {"name": "small", "model_id": model, "domain_force": "[('amount', '<', 100)]"}
    rules = odoo.value("ir.rule", "create", vals_list=[rule])
    take, drop = _trial_call(db, "action_take_over", number), _trial_call(db, "action_drop_hidden", number)
    try:
        tried = sally.result("method_call", take)
        assert "500" not in json.dumps(tried) and _of(tried) == []
        # The newly readable record, and the one that links to records the user could not read.
        assert tried["dry_run"]["others"] == 2
        tried = sally.result("method_call", drop)
        assert [(item["id"], item["change"]) for item in _of(tried)] == [(number, "changed")]
        assert "hidden one" not in json.dumps(tried) and tried["dry_run"]["others"] == 2
    finally:
        odoo.value("ir.rule", "unlink", ids=rules)
    tried = sally.result("method_call", take)
    (changed,) = [item for item in _of(tried) if item["id"] == hidden[0]]
    assert changed["before"]["amount"] == 500
    (linked,) = [item for item in _of(tried) if item["id"] == number]
    assert linked["links"] == {"other_ids": {"added": hidden}}
    with Restrictions(db).access(TRIAL, hidden=["other_ids"], methods="action_take_over"):
        assert "links" not in json.dumps(sally.result("method_call", take))
    deleted = {item["id"] for item in _of(sally.result("method_call", drop)) if item["change"] == "deleted"}
    assert deleted == set(hidden)


def test_what_is_too_much_is_counted(client, db):
    rows = json.dumps([{"name": f"many {number}"} for number in range(700)])
    tried = client.result("create", {"model": TRIAL, "values": rows, "dry_run": True})["dry_run"]
    assert len(tried["changes"]) <= 500
    assert len(tried["changes"]) + tried["not_shown"] == 700
    assert {item["change"] for item in tried["changes"]} == {"created"}

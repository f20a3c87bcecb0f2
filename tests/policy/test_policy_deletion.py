"""Deleting a record also deletes records through Odoo and PostgreSQL. The call is refused when the caller may not
delete those."""

import contextlib
import json
import re

import pytest
from support import workers
from support.logs import Log

PROJECT, TASK = "project.project", "project.task"
CATEGORY = "res.partner.category"
MINE = [["name", "=", "mine"]]
EMBEDDED = "ir.embedded.actions"


@pytest.fixture
def client(world, door):
    """An administrator with a key that can have a scope."""
    return world.client(door, "admin", "mcp")


def _create(client, model, **values):
    return client.result("create", {"model": model, "values": json.dumps(values)})["ids"][0]


def _unlink(client, model, record):
    return client.result("unlink", {"model": model, "ids": [record]})["ids"]


def _refused(client, model, record, **more):
    return client.refusal("unlink", {"model": model, "ids": [record], **more})


def _write(model, record, **values):
    return {"model": model, "ids": [record], "values": json.dumps(values)}


def _is_there(db, model, record):
    return db.value(f"SELECT count(*) FROM {model.replace('.', '_')} WHERE id = %s", record) == 1


def _restricted(restrict, key, how, model, named):
    """One way to forbid deleting some or all records of `model`. A scope contains the models `named`."""
    if how == "not in scope":
        return restrict.scope(key, [(name, {}) for name in named], all_models=False)
    if how == "off by scope":
        return restrict.scope(key, [(model, {"off": ["unlink"]})])
    return restrict.access(model, **{"off": {"off": ["unlink"]}, "domain": {"domain": MINE}}[how])


LAYERS = {"off": "access_record", "domain": "record_domain", "off by scope": "key_scope", "not in scope": "key_scope"}


@pytest.mark.parametrize("how", LAYERS)
def test_a_project_is_not_deleted_with_tasks_that_may_not_be(world, client, db, restrict, how):
    project = _create(client, PROJECT, name="with tasks")
    task = _create(client, TASK, name="hidden name", project_id=project, active=False)
    empty = _create(client, PROJECT, name="without tasks")
    with _restricted(restrict, world["admin"].keys["mcp"], how, TASK, [PROJECT]):
        for more in ({}, {"dry_run": True}):
            said = _refused(client, PROJECT, project, **more)
            assert TASK in said and f"[{LAYERS[how]}]" in said, said
            assert "hidden name" not in said and str(task) not in said
        assert _is_there(db, PROJECT, project) and _is_there(db, TASK, task)
        # A record without dependents can be deleted.
        _unlink(client, PROJECT, empty)
    assert not _is_there(db, PROJECT, empty)
    _unlink(client, PROJECT, project)
    assert not _is_there(db, TASK, task)


def test_what_may_be_deleted_goes_with_its_container(world, client, db, restrict):
    made = []
    for _time in range(2):
        project = _create(client, PROJECT, name="goes")
        made.append((project, _create(client, TASK, name="mine", project_id=project)))
    (project, task), (other, its_task) = made
    with restrict.access(TASK, domain=MINE):
        _unlink(client, PROJECT, project)
    with restrict.scope(world["admin"].keys["mcp"], [(PROJECT, {}), (TASK, {})], all_models=False):
        _unlink(client, PROJECT, other)
    assert not any(_is_there(db, TASK, number) for number in (task, its_task))


@pytest.mark.parametrize("model", ["product.category", CATEGORY])
def test_records_below_in_the_same_model_are_looked_at_at_any_depth(client, db, restrict, model):
    top = _create(client, model, name="mine")
    middle = _create(client, model, name="mine", parent_id=top)
    lowest = _create(client, model, name="other", parent_id=middle)
    with restrict.access(model, domain=MINE):
        said = _refused(client, model, top)
        assert model in said and "[record_domain]" in said
        assert _is_there(db, model, top) and _is_there(db, model, lowest)
    _unlink(client, model, lowest)
    with restrict.access(model, domain=MINE):
        _unlink(client, model, top)
    assert not _is_there(db, model, middle)


@pytest.mark.parametrize("how", ["off", "not in scope"])
def test_an_order_is_not_deleted_with_lines_that_may_not_be(world, client, db, restrict, how):
    product = db.value("SELECT min(id) FROM product_product WHERE active")
    partner = world.partners[0]
    order = _create(client, "sale.order", partner_id=partner, order_line=[[0, 0, {"product_id": product}]])
    empty = _create(client, "sale.order", partner_id=partner)
    line = db.value("SELECT id FROM sale_order_line WHERE order_id = %s", order)
    key = world["admin"].keys["mcp"]
    with _restricted(restrict, key, how, "sale.order.line", ["sale.order"]):
        assert "sale.order.line" in _refused(client, "sale.order", order)
        assert _is_there(db, "sale.order.line", line)
        _unlink(client, "sale.order", empty)
    with restrict.scope(key, [("sale.order", {}), ("sale.order.line", {})], all_models=False):
        _unlink(client, "sale.order", order)
    assert not _is_there(db, "sale.order.line", line)


@pytest.mark.parametrize("how", ["off", "not in scope"])
def test_a_product_is_not_deleted_with_variants_that_may_not_be(world, client, db, restrict, how):
    template = _create(client, "product.template", name="with a variant")
    variant = db.value("SELECT id FROM product_product WHERE product_tmpl_id = %s", template)
    with _restricted(restrict, world["admin"].keys["mcp"], how, "product.product", ["product.template"]):
        assert "product.product" in _refused(client, "product.template", template)
    assert _is_there(db, "product.product", variant)
    _unlink(client, "product.template", template)
    assert not _is_there(db, "product.product", variant)


@pytest.mark.parametrize("code", [2, 3])
def test_a_line_that_a_command_deletes_takes_nothing_along_that_may_not_be_deleted(client, db, restrict, code):
    top = _create(client, CATEGORY, name="mine")
    line = _create(client, CATEGORY, name="mine", parent_id=top)
    lowest = _create(client, CATEGORY, name="other", parent_id=line)
    command = _write(CATEGORY, top, child_ids=[[code, line]])
    with restrict.access(CATEGORY, domain=MINE):
        said = client.refusal("write", command)
        assert CATEGORY in said and "[record_domain]" in said
    assert _is_there(db, CATEGORY, lowest)
    client.result("write", command)
    assert not _is_there(db, CATEGORY, lowest)
    _unlink(client, CATEGORY, top)


@pytest.mark.parametrize("how", ["off", "domain"])
def test_a_project_that_a_command_deletes_keeps_its_tasks(world, client, db, restrict, how):
    plan = db.value("SELECT min(id) FROM account_analytic_plan WHERE parent_id IS NULL")
    account = _create(client, "account.analytic.account", name="of projects", plan_id=plan)
    project = _create(client, PROJECT, name="in a list", account_id=account)
    task = _create(client, TASK, name="other", project_id=project)
    command = _write("account.analytic.account", account, project_ids=[[2, project]])
    with _restricted(restrict, world["admin"].keys["mcp"], how, TASK, []):
        assert TASK in client.refusal("write", command)
    assert _is_there(db, TASK, task) and _is_there(db, PROJECT, project)
    client.result("write", command)
    assert not _is_there(db, TASK, task)


@pytest.mark.parametrize("command", ["[3, line]", "[5]", "[6, 0, []]"])
def test_lines_that_are_taken_off_a_list_keep_what_hangs_on_them(client, db, restrict, command):
    attribute = _create(client, "product.attribute", name="Shade")
    values = [_create(client, "product.attribute.value", name=name, attribute_id=attribute) for name in ("a", "b")]
    line = {"attribute_id": attribute, "value_ids": [[6, 0, values]]}
    template = _create(client, "product.template", name="shaded", attribute_line_ids=[[0, 0, line]])
    number = db.value("SELECT id FROM product_template_attribute_line WHERE product_tmpl_id = %s", template)
    kept = "SELECT count(*) FROM product_template_attribute_value WHERE attribute_line_id = %s"
    commands = [{"[3, line]": [3, number], "[5]": [5], "[6, 0, []]": [6, 0, []]}[command]]
    write = _write("product.template", template, attribute_line_ids=commands)
    with restrict.access("product.template.attribute.value", off=["unlink"]):
        assert "product.template.attribute.value" in client.refusal("write", write)
    assert db.value(kept, number) == 2
    client.result("write", write)
    assert db.value(kept, number) == 0
    for model, numbers in (("product.template", [template]), ("product.attribute", [attribute])):
        client.result("unlink", {"model": model, "ids": numbers})


@pytest.mark.parametrize("how", ["off", "domain", "not in scope"])
def test_what_only_the_code_of_odoo_deletes_stays_where_it_may_not_be_deleted(world, client, db, restrict, how):
    """Deleting a project deletes its analytic account, through a variable in its method."""
    plan = db.value("SELECT min(id) FROM account_analytic_plan WHERE parent_id IS NULL")
    account = _create(client, "account.analytic.account", name="by code", plan_id=plan)
    project = _create(client, PROJECT, name="with an account", account_id=account)
    with _restricted(restrict, world["admin"].keys["mcp"], how, "account.analytic.account", [PROJECT, TASK]):
        said = _refused(client, PROJECT, project)
        assert "account.analytic.account" in said and f"[{LAYERS[how]}]" in said
    assert _is_there(db, "account.analytic.account", account) and _is_there(db, PROJECT, project)
    _unlink(client, PROJECT, project)
    assert not _is_there(db, "account.analytic.account", account)


@contextlib.contextmanager
def _followed(world, door, client, db, **values):
    """A contact with a message, a follower, an activity and a file."""
    partner = _create(client, "res.partner", name="followed", **values)
    odoo = world.json2(door)
    odoo.value("res.partner", "message_post", ids=[partner], body="A message")
    odoo.value("res.partner", "message_subscribe", ids=[partner], partner_ids=[world.partners[0]])
    odoo.value("res.partner", "activity_schedule", ids=[partner], summary="An activity")
    odoo.value("ir.attachment", "create", vals_list=[{"name": "f", "res_model": "res.partner", "res_id": partner}])
    assert db.value("SELECT count(*) FROM mail_message WHERE model = 'res.partner' AND res_id = %s", partner) > 1
    yield partner
    if _is_there(db, "res.partner", partner):
        odoo.value("res.partner", "unlink", ids=[partner])


def test_messages_followers_activities_and_files_keep_no_record(world, door, client, db, restrict):
    scope = restrict.scope(world["admin"].keys["mcp"], [("res.partner", {})], all_models=False)
    with _followed(world, door, client, db) as partner, scope:
        _unlink(client, "res.partner", partner)
        assert not _is_there(db, "res.partner", partner)


def test_what_is_of_value_keeps_it(world, door, client, db, restrict):
    bank = {"bank_ids": [[0, 0, {"acc_number": "BE 71 0961 2345 6769"}]]}
    scope = restrict.scope(world["admin"].keys["mcp"], [("res.partner", {})], all_models=False)
    with _followed(world, door, client, db, **bank) as partner, scope:
        assert "res.partner.bank" in _refused(client, "res.partner", partner)
        assert _is_there(db, "res.partner", partner)


def test_messages_keep_a_record_where_the_policy_names_them(world, door, client, db, restrict):
    off = restrict.access("mail.message", off=["unlink"])
    with _followed(world, door, client, db) as partner, off:
        said = _refused(client, "res.partner", partner)
        assert "mail.message" in said and "[access_record]" in said


def test_a_task_goes_with_what_people_keep_of_their_own_view_of_it(world, client, db, restrict):
    with restrict.scope(world["admin"].keys["mcp"], [(TASK, {}), (PROJECT, {})], all_models=False):
        project = _create(client, PROJECT, name="viewed")
        task = _create(client, TASK, name="viewed", project_id=project, user_ids=[[6, 0, [world["admin"].id]]])
        personal = "SELECT count(*) FROM project_task_user_rel WHERE task_id = %s"
        assert db.value(personal, task) == 1
        _unlink(client, TASK, task)
        _unlink(client, PROJECT, project)
    assert not _is_there(db, TASK, task)


def test_a_restriction_of_another_model_keeps_nothing(client, db, restrict):
    project = _create(client, PROJECT, name="with a task")
    task = _create(client, TASK, name="any", project_id=project)
    with restrict.access("crm.lead", off=["unlink"]), restrict.access("res.partner", domain=[["id", ">", 0]]):
        _unlink(client, PROJECT, project)
    assert not _is_there(db, TASK, task)


RESTRICTIONS = ("nothing", *LAYERS, "hidden")


def _some_restriction(restrict, key, how):
    """A restriction that does not concern the deleted actions."""
    if how == "nothing":
        return contextlib.nullcontext()
    if how == "hidden":
        return restrict.access(TASK, hidden=["name"])
    return _restricted(restrict, key, how, TASK, [PROJECT])


@pytest.mark.parametrize("how", RESTRICTIONS)
def test_embedded_actions_are_closed_whatever_is_restricted(world, door, client, db, restrict, how):
    parent = db.value("SELECT min(id) FROM ir_act_window WHERE res_model = %s", PROJECT)
    values = {"name": "mine", "parent_res_model": PROJECT, "parent_action_id": parent, "python_method": "action_view"}
    odoo = world.json2(door)
    (action,) = odoo.value(EMBEDDED, "create", vals_list=[values])
    with _some_restriction(restrict, world["admin"].keys["mcp"], how):
        for tool, more in (
            ("search", {}),
            ("read", {"ids": [action]}),
            ("create", {"values": json.dumps(values)}),
            ("write", {"ids": [action], "values": json.dumps({"python_method": "unlink"})}),
            ("unlink", {"ids": [action]}),
            ("method_call", {"ids": [action], "method": "toggle"}),
        ):
            said = client.refusal(tool, {"model": EMBEDDED, **more})
            assert f"{EMBEDDED} is closed to MCP" in said and "[closed]" in said, (tool, said)
        if how != "not in scope":
            # An access record for the model opens it.
            with restrict.access(EMBEDDED):
                client.result("read", {"model": EMBEDDED, "ids": [action], "fields": ["python_method"]})
    # A scope line does not open it.
    with restrict.scope(world["admin"].keys["mcp"], [(EMBEDDED, {})], all_models=False):
        assert "[closed]" in client.refusal("read", {"model": EMBEDDED, "ids": [action]})
    row = db.row("SELECT python_method FROM ir_embedded_actions WHERE id = %s", action)
    assert row == {"python_method": "action_view"}
    odoo.value(EMBEDDED, "unlink", ids=[action])


# Queries that the policy sends when records are deleted: dependent records, and the number of deleted rows.
QUESTIONS = {"records below": r"\(SELECT \d+, \"id\" FROM public\.", "rows deleted": r"pg_stat_xact_user_tables"}


@pytest.fixture
def statements(environment):
    """PostgreSQL's log while it records every statement."""
    log = Log(environment.cluster.log)
    mark = log.mark()
    environment.sql("ALTER SYSTEM SET log_statement = 'all'")
    try:
        environment.cluster.reload()
        workers.wait_for(lambda: 'parameter "log_statement" changed' in log.since(mark))
        yield log
    finally:
        environment.sql("ALTER SYSTEM RESET log_statement")
        environment.cluster.reload()


def _questions(world, door, log, model, record):
    """The kinds of queries that the policy sent while a record was deleted."""
    probe = workers.probe_name()
    client = world.client(door, "admin", "mcp", headers=[("User-Agent", probe)])
    mark = log.mark()
    _unlink(client, model, record)
    text = log.since(mark)
    # The log covers the backend that answered the request, and contains Odoo's own statements.
    assert workers.backends_that_answered(log, probe, mark) and "DELETE FROM" in text
    return {name for name, pattern in QUESTIONS.items() if re.search(pattern, text)}


def test_who_is_not_restricted_deletes_without_a_question_of_the_policy(world, door, client, restrict, statements):
    key = world["admin"].keys["mcp"]
    whole = {
        "nothing": contextlib.nullcontext(),
        "a record that takes nothing away": restrict.access(TASK),
        "a scope of all models": restrict.scope(key, [(TASK, {})]),
    }
    in_part = {
        "a domain": restrict.access(TASK, domain=MINE),
        "a scope of two models": restrict.scope(key, [(PROJECT, {}), (TASK, {})], all_models=False),
    }
    found = {}
    for how, restriction in {**whole, **in_part}.items():
        project = _create(client, PROJECT, name="without a question")
        _create(client, TASK, name="mine", project_id=project)
        with restriction:
            found[how] = _questions(world, door, statements, PROJECT, project)
    assert not any(found[how] for how in whole), found
    # Control: the patterns match when restrictions exist.
    assert all(found[how] == set(QUESTIONS) for how in in_part), found

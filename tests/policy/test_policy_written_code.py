"""Code in records: a caller for whom something is restricted, or whose API key has a scope, never writes any of it.

Such code runs with all rights, so it could rewrite its author's restrictions. An access record that opens the model
changes nothing about that. A caller without restrictions and without a scope writes code in the models that are open.
"""

import json

import pytest
from support import reach

HIDDEN = [("hr.employee", {"off": ["read", "write", "create", "unlink", "call"]})]
TAG = "crm.tag"
TEMPLATE, PREVIEW = "mail.template", "mail.template.preview"
# Models whose records hold code, each with a field and a value of it.
CODE = [
    ("ir.rule", "domain_force", "[(1, '=', user.id)]"),
    ("ir.asset", "path", "https://code.example.net/any.js"),
    ("ir.cron", "priority", 1),
    ("ir.actions.act_window", "context", "{'uid': uid}"),
    ("ir.actions.report", "attachment", "object.name"),
    ("ir.default", "json_value", "1"),
    ("ir.model.data", "res_id", 1),
    ("ir.ui.view", "arch_db", "<t t-out='1 + 1'/>"),
    (TEMPLATE, "subject", "{{ 1 + 1 }}"),
    ("mail.compose.message", "subject", "{{ 1 + 1 }}"),
]
TABLES = {"ir.actions.act_window": "ir_act_window", "ir.actions.report": "ir_act_report_xml"}
# Fields of other models that Odoo evaluates, each with a value.
EVALUATED = [
    ("digest.tip", "tip_description", "<p><t t-out='1 + 1'/></p>"),
]


@pytest.fixture
def client(world, door):
    """An administrator with a key that has a scope: all models."""
    return world.client(door, "admin", "mcp")


@pytest.fixture
def plain(world, door):
    """An administrator with a key without a scope."""
    return world.client(door)


@pytest.fixture(params=["a scope", "a restriction"])
def contained(request, client, plain, restrict):
    """A caller whose key has a scope, then one for whom another model is restricted."""
    if request.param == "a scope":
        yield client
    else:
        with restrict.access("hr.department", off=["unlink"]):
            yield plain


def _create(client, model, **values):
    return client.result("create", {"model": model, "values": json.dumps(values)})["ids"][0]


def _write(model, record, **values):
    return {"model": model, "ids": [record], "values": json.dumps(values)}


def _read(client, model, record, field):
    return client.result("read", {"model": model, "ids": [record], "fields": [field]})["rows"][0][1]


def _is_code(said):
    return "holds code that runs with all rights" in said and "[closed]" in said


def _is_evaluated(said):
    return "Odoo evaluates its text as code" in said and "[closed]" in said


# -- models whose records hold code ------------------------------------------------------------------


@pytest.mark.parametrize(("model", "field", "value"), CODE)
def test_an_opened_model_with_code_is_not_changed(contained, db, restrict, model, field, value):
    table = TABLES.get(model, reach.table(model))
    digest = f"SELECT md5(string_agg(concat(id, {field}), ' ' ORDER BY id)) FROM ONLY {table}"
    before = db.value(digest)
    some = db.value(f"SELECT min(id) FROM ONLY {table}") or 1
    with restrict.access(model):
        for tool, arguments in (
            ("create", {"values": json.dumps({field: value})}),
            ("write", {"ids": [some], "values": json.dumps({field: value})}),
            ("unlink", {"ids": [some]}),
            ("method_call", {"ids": [some], "method": "method_direct_trigger"}),
        ):
            said = contained.refusal(tool, {"model": model, **arguments})
            assert _is_code(said), (tool, said)
    assert db.value(digest) == before


@pytest.mark.parametrize("model", ["ir.rule", "ir.asset", "ir.actions.act_window", TEMPLATE])
def test_who_is_not_restricted_writes_code_in_an_opened_model(plain, db, restrict, model):
    values = {
        "ir.rule": {
            "model_id": db.value("SELECT id FROM ir_model WHERE model = %s", TAG),
            "domain_force": "[(1, '=', 1)]",
            "active": False,
        },
        "ir.asset": {"bundle": "written_code.none", "path": "/written_code/none.js"},
        "ir.actions.act_window": {"res_model": TAG, "context": "{'uid': uid}"},
        TEMPLATE: {"subject": "{{ 1 + 1 }}"},
    }[model]
    table = TABLES.get(model, reach.table(model))
    there = f"SELECT count(*) FROM {table} WHERE id = %s"
    with restrict.access(model):
        made = _create(plain, model, name="Written code", **values)
        assert db.value(there, made) == 1
        plain.result("write", _write(model, made, name="Written again"))
        plain.result("unlink", {"model": model, "ids": [made]})
    assert db.value(there, made) == 0


def test_a_record_rule_widens_no_scope(world, client, db, restrict):
    """Odoo evaluates the rule of one model, and the rule deletes the lines of its author's scope."""
    model = db.value("SELECT id FROM ir_model WHERE model = %s", TAG)
    ask = {"model": "hr.employee", "fields": ["name"], "limit": 1}
    lines = "SELECT count(*) FROM mcp_key_scope_line WHERE scope_id = %s"
    with restrict.scope(world["admin"].keys["mcp"], HIDDEN) as scope, restrict.access("ir.rule"):
        code = f"user.env.cr.execute('DELETE FROM mcp_key_scope_line WHERE scope_id = {scope}')"
        rule = {"name": "widens", "model_id": model, "domain_force": f"[(1, '=', 1)] if {code} is None else []"}
        assert _is_code(client.refusal("create", {"model": "ir.rule", "values": json.dumps(rule)}))
        assert "[key_scope]" in client.refusal("search", ask)
        assert db.value(lines, scope) == 1
    assert not db.value("SELECT count(*) FROM ir_rule WHERE name = 'widens'")


# -- templates ---------------------------------------------------------------------------------------


def _rewriting(scope):
    """A placeholder that changes a scope when Odoo renders it."""
    return f"{{{{ object.env.cr.execute('UPDATE mcp_key_scope SET name = chr(33) WHERE id = {scope}') }}}}"


def test_the_preview_of_a_template_runs_no_code_of_a_caller(world, client, plain, db, restrict):
    model = db.value("SELECT id FROM ir_model WHERE model = 'res.partner'")
    values = {"name": "Previewed", "model_id": model, "subject": "before"}
    with (
        restrict.scope(world["admin"].keys["mcp"]) as scope,
        restrict.access(TEMPLATE),
        restrict.access(PREVIEW),
    ):
        template = _create(plain, TEMPLATE, **values)
        made = {"model": TEMPLATE, "values": json.dumps({**values, "subject": _rewriting(scope)})}
        assert _is_code(client.refusal("create", made))
        assert _is_code(client.refusal("write", _write(TEMPLATE, template, subject=_rewriting(scope))))
        record = f"res.partner,{world.partners[0]}"
        preview = _create(client, PREVIEW, mail_template_id=template, resource_ref=record)
        assert _read(client, PREVIEW, preview, "subject") == "before"
        assert db.value("SELECT name FROM mcp_key_scope WHERE id = %s", scope) == "test"
        plain.result("unlink", {"model": TEMPLATE, "ids": [template]})


def test_the_stage_of_a_task_runs_no_code_of_a_caller(world, client, db, restrict):
    """Odoo renders the template of a stage when a task enters the stage."""
    template = db.value(
        "SELECT res_id FROM ir_model_data WHERE module = 'project' AND name = 'mail_template_data_project_task'"
    )
    subject = "SELECT subject::text FROM mail_template WHERE id = %s"
    before = db.value(subject, template)
    project = _create(client, "project.project", name="With stages")
    stages = [_create(client, "project.task.type", name=name, project_ids=[[4, project]]) for name in ("One", "Two")]
    task = _create(client, "project.task", name="Moves", project_id=project, stage_id=stages[0])
    db.run("UPDATE project_task_type SET mail_template_id = %s WHERE id = %s", template, stages[1])
    try:
        with restrict.scope(world["admin"].keys["mcp"], HIDDEN) as scope, restrict.access(TEMPLATE):
            said = client.refusal("write", _write(TEMPLATE, template, subject=_rewriting(scope)))
            assert _is_code(said), said
            client.result("write", _write("project.task", task, stage_id=stages[1]))
            assert db.value("SELECT name FROM mcp_key_scope WHERE id = %s", scope) == "test"
    finally:
        db.run("UPDATE project_task_type SET mail_template_id = NULL WHERE id = %s", stages[1])
    assert db.value(subject, template) == before


# -- fields of other models that Odoo evaluates ------------------------------------------------------


@pytest.mark.parametrize(("model", "field", "value"), EVALUATED)
def test_a_field_that_odoo_evaluates_is_not_written(contained, db, restrict, model, field, value):
    stored = f"SELECT {field}::text FROM {reach.table(model)} WHERE id = %s"
    count = f"SELECT count(*) FROM {reach.table(model)}"
    with restrict.access(model):
        # The other fields of the model are written.
        made = _create(contained, model, name="Evaluated")
        before, records = db.value(stored, made), db.value(count)
        said = contained.refusal("write", _write(model, made, **{field: value}))
        assert _is_evaluated(said) and f"values.{field}" in said, said
        values = json.dumps({"name": "Evaluated", field: value})
        assert _is_evaluated(contained.refusal("create", {"model": model, "values": values}))
        assert db.value(stored, made) == before and db.value(count) == records
        contained.result("unlink", {"model": model, "ids": [made]})


@pytest.mark.parametrize(("model", "field", "value"), EVALUATED)
def test_who_is_not_restricted_writes_a_field_that_odoo_evaluates(plain, db, restrict, model, field, value):
    stored = f"SELECT {field}::text FROM {reach.table(model)} WHERE id = %s"
    with restrict.access(model):
        made = _create(plain, model, name="Evaluated")
        before = db.value(stored, made)
        plain.result("write", _write(model, made, **{field: value}))
        assert db.value(stored, made) != before
        plain.result("unlink", {"model": model, "ids": [made]})


@pytest.fixture
def evaluated_context(db):
    """Odoo evaluates the context of a favorite, as far as the core knows."""
    digest = db.value("SELECT field FROM mcp_field_dependency WHERE model = ''")
    change = "UPDATE mcp_field_dependency SET field = %s WHERE model = ''"
    fact = "kind = 'evaluated' AND model = 'ir.filters' AND field = 'context'"
    db.run("INSERT INTO mcp_model_fact (kind, model, field, other) VALUES ('evaluated', 'ir.filters', 'context', '')")
    db.run(change, "another digest")
    yield
    db.run(f"DELETE FROM mcp_model_fact WHERE {fact}")
    db.run(change, digest)


def test_a_method_takes_no_value_that_odoo_evaluates(client, plain, evaluated_context):
    """The arguments of a method are values of its model, as those of create and write are."""
    values = {"name": "Mine", "model_id": "crm.lead", "domain": "[]"}
    ask = {"model": "ir.filters", "method": "create_filter"}
    for arguments in ({"args": [values]}, {"kwargs": {"vals_dict": values}}):
        harmful = json.loads(json.dumps(arguments).replace('"domain"', '"context"'))
        text = {name: json.dumps(value) for name, value in harmful.items()}
        said = client.refusal("method_call", {**ask, **text})
        assert "Odoo evaluates its text as code" in said and ".context" in said
    plain.result("method_call", {**ask, "args": json.dumps([{**values, "context": "{}"}])})
    client.result("method_call", {**ask, "args": json.dumps([{**values, "name": "Mine, too"}])})


def test_a_method_that_makes_a_view_is_undone(client, plain, db):
    """Whatever the text is called: the view, not the argument, is the code."""
    ask = {"model": "mcp.test.item", "method": "make_page", "kwargs": json.dumps({"arch": "<p><t t-out='1 + 1'/></p>"})}
    pages = "SELECT count(*) FROM ir_ui_view WHERE name = 'Page of a method'"
    said = client.refusal("method_call", ask)
    assert "ir.ui.view" in said and "[closed]" in said, said
    assert db.value(pages) == 0
    # A caller without restrictions and without a scope keeps the method.
    made = plain.result("method_call", ask)["result"]
    assert db.value(pages) == 1
    db.run("DELETE FROM ir_ui_view WHERE id = %s", made)


def test_a_method_makes_no_file_that_browsers_run(client, plain, db):
    made = {"name": "zz.js", "url": "/web/assets/zz/zz.min.js", "datas": "YWxlcnQoMSk=", "mimetype": "text/javascript"}
    ask = {"model": "ir.attachment", "method": "create_unique"}
    for caller in (client, plain):
        said = caller.refusal("method_call", {**ask, "args": json.dumps([[made]])})
        assert "args[0][0].url" in said and "code of Odoo" in said
    assert db.value("SELECT count(*) FROM ir_attachment WHERE name = 'zz.js'") == 0
    client.result("method_call", {**ask, "args": json.dumps([[{**made, "url": "/files/zz.txt"}]])})


def test_no_field_that_odoo_evaluates_is_open(client, db, restrict):
    """The fields are those that Odoo's own source names, in all models that keep records."""
    evaluated = db.rows(
        "SELECT f.model, f.field FROM mcp_model_fact f JOIN ir_model m ON m.model = f.model"
        " WHERE f.kind = 'evaluated' AND NOT coalesce(m.abstract, false) ORDER BY 1, 2"
    )
    found = {(row["model"], row["field"]) for row in evaluated}
    assert {(model, field) for model, field, _value in EVALUATED} <= found
    assert not {("res.partner", "comment"), ("crm.lead", "description")} & found
    for model, field in sorted(found):
        with restrict.access(model):
            said = client.refusal("write", _write(model, 1, **{field: "1 + 1"}))
        assert "[closed]" in said or "[hidden_field]" in said, (model, field, said)


@pytest.mark.parametrize("field", ["alias_defaults", "alias_model_id"])
def test_no_value_decides_which_records_an_e_mail_makes(contained, db, field):
    """Odoo makes them with all rights, long after the call."""
    project = db.value("SELECT min(id) FROM project_project")
    said = contained.refusal("write", _write("project.project", project, **{field: "{}" if "defaults" in field else 1}))
    assert "[closed]" in said or "[hidden_field]" in said, said

"""`method_call` and tools of other modules, at both doors: Odoo's rule for public methods, JSON-compatible results, and
atomic transactions."""

import json

import pytest
from support import mcp

ITEM = "mcp.test.item"


@pytest.fixture
def items(world, door, db):
    """Creates test items, and deletes all of them afterwards."""

    def make(*values):
        return world.json2(door).value(ITEM, "create", vals_list=list(values))

    db.run("DELETE FROM mcp_test_item")
    yield make
    db.run("DELETE FROM mcp_test_item")


def _names(db):
    return {row["name"] for row in db.rows("SELECT name FROM mcp_test_item")}


# -- callable methods ---------------------------------------------------------------------------------


def test_a_button_is_called_on_records(admin, db, items):
    ids = items({"name": "a", "amount": 4}, {"name": "b", "amount": 5})
    made = admin.result("method_call", {"model": ITEM, "method": "action_double", "ids": ids})
    assert made == {"model": ITEM, "method": "action_double", "result": {"model": ITEM, "ids": ids}}
    assert db.value("SELECT array_agg(amount ORDER BY id) FROM mcp_test_item WHERE id = ANY(%s)", ids) == [8, 10]


def test_a_method_of_the_model_takes_arguments_by_name_and_position(admin, world):
    def call(**more):
        return admin.result("method_call", {"model": ITEM, "method": "describe", **more})["result"]

    uid = world["admin"].id
    assert call() == {"greeting": "Hello", "uid": uid, "more": {}}
    assert call(kwargs='{"greeting": "Hi", "x": [1]}') == {"greeting": "Hi", "uid": uid, "more": {"x": [1]}}
    assert call(args='["Hey"]') == {"greeting": "Hey", "uid": uid, "more": {}}
    assert call(args=["Hey"], kwargs={"y": None}) == {"greeting": "Hey", "uid": uid, "more": {"y": None}}


def test_the_method_runs_as_the_user(sally, world):
    assert sally.result("method_call", {"model": ITEM, "method": "describe"})["result"]["uid"] == world["sally"].id


PRIVATE = ["_register_hook", "__class__", "_write", "_compute_doubled", "_search", "__getattribute__", "_tool_search"]


@pytest.mark.parametrize("method", PRIVATE)
def test_private_methods_are_refused(admin, db, items, method):
    said = admin.refusal("method_call", {"model": ITEM, "method": method})
    assert method in said
    assert db.value("SELECT status FROM mcp_audit_log ORDER BY id DESC LIMIT 1") == "denied"


# Reading, writing, searching and exporting have their own tools, which the policy and the audit log cover.
OF_THE_ORM = [
    "search",
    "search_read",
    "search_fetch",
    "search_count",
    "read",
    "web_read",
    "web_search_read",
    "export_data",
    "read_group",
    "formatted_read_group",
    "create",
    "write",
    "unlink",
    "copy",
    "copy_data",
    "name_create",
    "web_save",
    "load",
    "name_search",
    "fields_get",
    "default_get",
    "onchange",
    "get_views",
    "update_field_translations",
    "action_archive",
    "action_unarchive",
    "toggle_active",
    "web_resequence",
]


@pytest.mark.parametrize("method", OF_THE_ORM)
def test_the_orms_own_methods_are_refused_and_name_the_tool(admin, db, items, method):
    ids = items({"name": "kept", "amount": 1})
    said = admin.refusal("method_call", {"model": ITEM, "method": method, "ids": ids, "args": '[{"name": "changed"}]'})
    assert method in said
    assert "tool" in said
    assert _names(db) == {"kept"}


@pytest.mark.parametrize(
    "method", ["sudo", "with_user", "with_env", "with_context", "with_company", "env", "browse", "name", "_name"]
)
def test_what_changes_whose_rights_count_is_refused(admin, method):
    admin.refusal("method_call", {"model": "res.partner", "method": method, "ids": [1], "args": "[1]"})


def test_the_context_cannot_be_set(admin):
    assert "context" in admin.refusal(
        "method_call", {"model": ITEM, "method": "describe", "kwargs": '{"context": {"active_test": false}}'}
    )


def test_a_method_of_the_model_takes_no_ids(admin, items):
    ids = items({"name": "x"})
    assert "ids" in admin.refusal("method_call", {"model": ITEM, "method": "describe", "ids": ids})


def test_a_method_on_records_that_do_not_exist_is_refused(admin):
    assert "2000000000" in admin.refusal(
        "method_call", {"model": ITEM, "method": "action_double", "ids": [2_000_000_000]}
    )


def test_a_method_that_is_too_few_arguments_short_is_refused(admin):
    said = admin.refusal(
        "method_call", {"model": "res.partner", "method": "message_subscribe", "ids": [1], "kwargs": '{"nobody": 1}'}
    )
    assert "nobody" in said


def test_the_users_rights_count(sally, world, db):
    said = sally.refusal("method_call", {"model": "sale.order", "method": "action_confirm", "ids": [world.orders[1]]})
    assert said
    assert db.value("SELECT state FROM sale_order WHERE id = %s", world.orders[1]) == "draft"


# -- results ------------------------------------------------------------------------------------------


def test_an_action_is_named_and_not_executed(admin, world):
    made = admin.result(
        "method_call", {"model": "sale.order", "method": "action_quotation_send", "ids": [world.orders[0]]}
    )
    action = made["result"]["action"]
    assert action["type"] == "ir.actions.act_window"
    assert set(action) <= {"type", "name", "res_model", "res_id", "url", "report_name"}
    assert "not executed" in made["result"]["note"]


def test_a_method_that_commits_by_itself_is_refused_and_undone(admin, db, items):
    ids = items({"name": "x"})
    said = admin.refusal("method_call", {"model": ITEM, "method": "commit_and_return", "ids": ids})
    assert "commit" in said
    assert _names(db) == {"x"}
    assert db.value("SELECT status FROM mcp_audit_log ORDER BY id DESC LIMIT 1") in ("denied", "failed")


def test_what_json_cannot_carry_is_refused_and_undone(admin, db, items):
    said = admin.refusal("test_not_json", {"name": "lost"})
    assert "JSON" in said
    assert _names(db) == set()


def test_python_values_become_json(admin, items, db):
    made = admin.result("test_values")
    item = db.value("SELECT id FROM mcp_test_item")
    assert made["date"] == "2026-02-03"
    assert made["datetime"] == "2026-02-03 04:05:06"
    assert made["bytes"] == "AP8="
    assert (made["nan"], made["infinity"]) == (None, None)
    assert made["records"] == {"model": ITEM, "ids": [item]}
    assert made["none"] == {"model": ITEM, "ids": []}
    assert made["tuple"] == [1, 2]
    assert made["keys"] == {"1": "one"}
    assert "\0" not in made["text"]
    assert made["text"].startswith("NUL ")


def test_text_and_lists(admin):
    text = admin.call("test_text").json["result"]
    assert text["content"] == [{"type": "text", "text": "plain text"}]
    assert json.loads(admin.call("test_list").json["result"]["content"][0]["text"]) == {"result": [1, "two", None]}


# -- transactions -------------------------------------------------------------------------------------


def test_a_failure_at_the_flush_leaves_nothing(admin, db, items):
    assert admin.refusal("test_fail_at_flush", {"name": "lost"})
    assert _names(db) == set()


def test_a_failure_at_the_commit_leaves_nothing(admin, db, items):
    assert admin.refusal("test_fail_at_commit", {"name": "lost"})
    assert _names(db) == set()


@pytest.mark.parametrize("swallow", [False, True])
def test_a_commit_inside_is_refused_even_when_the_method_swallows_the_refusal(admin, db, items, swallow):
    assert "commit" in admin.refusal("test_commit", {"name": "lost", "swallow": swallow})
    assert _names(db) == set()


def test_a_rollback_inside_is_refused(admin, db, items):
    assert admin.refusal("test_rollback", {"name": "lost"})
    assert _names(db) == set()


def test_a_savepoint_inside_is_fine(admin, db, items):
    admin.result("test_savepoint", {"name": "kept"})
    assert _names(db) == {"kept"}


def test_a_tool_that_says_so_may_commit(admin, db, items):
    admin.result("test_commit_allowed", {"name": "kept"})
    assert _names(db) == {"kept", "kept, after the commit"}


def test_a_tool_that_may_commit_changes_no_login(world, admin, db, items):
    said = admin.refusal("test_commit_allowed", {"name": "kept", "login": "evil"})
    assert "cannot change how users sign in" in said and "[closed]" in said
    assert _names(db) == set()
    assert db.value("SELECT login FROM res_users WHERE id = %s", world["admin"].id) == "admin"


def test_a_failure_after_a_commit_does_not_claim_that_nothing_was_changed(admin, db, items):
    said = admin.refusal("test_commit_allowed", {"name": "kept", "fail": True})
    assert "failed after the commit" in said
    assert "Nothing was changed" not in said
    assert _names(db) == {"kept"}


def test_a_serialization_failure_is_retried(admin, db, items):
    label = f"retry-{admin.port}"
    assert admin.result("test_serialization", {"label": label, "times": 2, "name": "kept"})["tries"] == 3
    assert _names(db) == {"kept"}


def test_retries_end_and_leave_nothing(admin, db, items):
    said = admin.refusal("test_serialization", {"label": f"never-{admin.port}", "times": 99, "name": "lost"})
    assert "Try again" in said
    assert _names(db) == set()


def test_a_failure_after_the_commit_is_no_failure_of_the_call(admin, db, items, provoke):
    provoke("work after its commit failed")
    admin.result("test_after_commit", {"name": "kept"})
    assert _names(db) == {"kept"}


def test_an_internal_error_tells_the_client_its_number_only(admin, db, items, provoke):
    provoke("hunter2-the-secret-of-the-tests")
    result = admin.call("test_secret_error", {"name": "lost"}).json["result"]
    said = result["content"][0]["text"]
    assert result["isError"] and "internal error" in said
    assert "hunter2" not in said
    row = db.row("SELECT * FROM mcp_audit_log ORDER BY id DESC LIMIT 1")
    assert str(row["call_id"]) in said
    assert row["status"] == "failed"
    assert "hunter2" not in str(row)
    assert _names(db) == set()


def test_a_redirect_warning_is_told_in_its_words(admin):
    assert "Configure a journal first." in admin.refusal("test_redirect")


def test_a_call_that_takes_too_long_is_stopped(admin, db, items):
    with db.parameter("odoo_mcp.call_seconds", "1"):
        said = admin.refusal("test_sleep", {"seconds": 60, "name": "lost"})
    assert "1 second" in said
    assert _names(db) == set()
    assert (
        db.rows(
            "SELECT pid FROM pg_stat_activity WHERE state = 'active'"
            " AND query LIKE '%%pg_sleep(60%%' AND pid <> pg_backend_pid()"
        )
        == []
    )


def test_the_time_limit_is_not_left_on_the_connection(admin, db, items):
    """The next call has the whole of its own, longer limit."""
    with db.parameter("odoo_mcp.call_seconds", "1"):
        admin.refusal("test_sleep", {"seconds": 60})
    assert admin.result("test_sleep", {"seconds": 1.5})["slept"] == 1.5


def test_a_result_too_long_of_a_change_is_done_and_says_so(admin, db):
    with db.parameter("odoo_mcp.max_answer_kb", "10"):
        result = admin.call("test_large", {"size": 50_000}).json["result"]
    assert len(result["content"][0]["text"]) < 10_000


# -- tools of other modules and of the administrator --------------------------------------------------


def test_another_addon_adds_a_tool_by_inheritance(admin, world):
    assert admin.tools()["test_greet"]["inputSchema"]["required"] == ["name"]
    assert admin.result("test_greet", {"name": "Ada", "times": 2}) == {
        "greeting": "Hello, Ada! Hello, Ada!",
        "login": "admin",
    }


@pytest.mark.parametrize(
    "arguments", [{}, {"name": ["x"]}, {"name": "x", "times": 0}, {"name": "x", "times": 10}, {"name": "x", "more": 1}]
)
def test_its_schema_is_checked_before_anything_runs(admin, db, arguments):
    before = db.value("SELECT count(*) FROM mcp_audit_log WHERE path = 'orm'")
    assert admin.refusal("test_greet", arguments)
    assert db.value("SELECT count(*) FROM mcp_audit_log WHERE path = 'orm'") == before


def test_a_server_action_is_a_tool(admin, db, items):
    made = admin.result("test_server_action", {"name": "by action"})
    assert made["result"]["action"]["res_model"] == ITEM
    assert _names(db) == {"by action"}


def test_the_context_is_the_users_own_and_nothing_else(sally, world):
    told = sally.result("test_context")
    assert told["su"] is False
    assert told["context"]["tz"] == "America/New_York"
    assert told["context"]["lang"] == "en_US"
    assert told["context"]["allowed_company_ids"] == [world.main]
    assert set(told["context"]) <= {"lang", "tz", "allowed_company_ids", "uid"}


def test_a_tool_by_an_unknown_name_is_a_protocol_error(admin):
    assert admin.call("test_greeet", {"name": "x"}).code == mcp.INVALID_PARAMS

"""docs/conversation.md equals what the scripted conversation with the demo data returns today, except for times."""

import asyncio

import pytest
from conversation import alike, hold, page

from harness.paths import CHECKOUT

SHOWN = CHECKOUT / "docs" / "conversation.md"


@pytest.fixture(scope="module")
def held(environment):
    """The conversation on a fresh copy of the demo database, and the changes that it made there."""
    database = environment.fresh_database("conversation", "plain")
    server = environment.odoo(database, name="conversation", workers=2)
    key = environment.make_key(database, "admin")
    made = asyncio.run(hold(f"{server.url}/mcp", key))
    made["states"] = environment.sql("SELECT name, state FROM sale_order WHERE state = 'sale' ORDER BY id", database)
    server.stop()
    environment.drop_database(database)
    return made


def test_the_page_is_up_to_date(held):
    assert alike(page(held)) == alike(SHOWN.read_text(encoding="utf-8")), "run `make conversation`"


def test_three_questions_are_answered_and_one_change_is_made(held):
    assert len(held["turns"]) == 4
    assert all(turn.calls and turn.answered for turn in held["turns"])
    *questions, change = held["turns"]
    reading = {"search", "read", "count", "aggregate", "describe_model", "list_models", "read_file", "render_report"}
    assert {tool for turn in questions for tool, _arguments, _result in turn.calls} <= reading
    assert "method_call" in {tool for tool, _arguments, _result in change.calls}
    assert "S00001" in held["states"]


def test_a_page_that_says_something_else_is_told_apart(held):
    text = page(held)
    assert alike(text) != alike(text.replace("Confirm it.", "Cancel it."))
    assert alike(text) != alike(text.replace("S00001", "S00003"))
    assert alike("2026-01-31T10:00:00+01:00 and 12 bytes") == alike("2027-02-28T11:30:00+02:00 and 9 bytes")

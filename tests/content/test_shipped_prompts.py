"""The shipped prompts work on demo data: each call that a prompt recommends succeeds for its user."""

import datetime
import json
import re

import pytest
from support import prompts

CALL = re.compile(r"^(search|count) (\{.*\})$", re.M)
ARGUMENTS = {
    "customer_summary": {"customer": "Acme Corporation"},
    "purchase_price_comparison": {"product": "Office Lamp", "quantity": "20"},
    "project_status": {"project": "Office Design"},
}
# Words in capitals that the prompts tell the model to replace.
TODAY = datetime.date.today()
WORDS = {
    "TODAY": TODAY.isoformat(),
    "MONTH_BEGIN": TODAY.replace(day=1).isoformat(),
    "FIRST_DAY": (TODAY - datetime.timedelta(365)).replace(day=1).isoformat(),
    "FIRST_DAY_A_YEAR_EARLIER": (TODAY - datetime.timedelta(730)).replace(day=1).isoformat(),
    "CUSTOMER": "Acme Corporation",
    "PRODUCT": "Office Lamp",
    "PROJECT": "Office Design",
}
# The number of calls that return data with Odoo's demo data.
FRUITFUL = {
    "overdue_invoices": 1,
    "pipeline_review": 1,
    "quotation_follow_up": 1,
    "sales_by_month": 1,
    "customer_summary": 4,
    "stock_shortages": 3,
    "late_deliveries": 1,
    "purchase_price_comparison": 2,
    "project_status": 3,
    "team_overview": 3,
}
NAMED = re.compile(r"[A-Z][A-Z_]{3,}")


def _calls(client, name):
    """Runs the calls of a prompt in order and returns their results."""
    text = prompts.text(client, name, ARGUMENTS.get(name))
    assert "{" not in CALL.sub("", text), text
    words = dict(WORDS)
    for tool, arguments in CALL.findall(text):
        filled = NAMED.sub(lambda found: str(words[found[0]]), arguments)
        call = json.loads(filled)
        assert set(call) <= {"model", "domain", "fields", "order", "limit"}
        result = client.result(tool, call)
        if tool == "search" and result["rows"] and "id" in result["columns"]:
            # The record that the prompt asks for, used by the later calls.
            found = {"res.partner": "CUSTOMER_ID", "product.product": "PRODUCT_ID", "project.project": "PROJECT_ID"}
            words.setdefault(found.get(call["model"]), result["rows"][0][result["columns"].index("id")])
        yield tool, call, result


@pytest.mark.parametrize("name", FRUITFUL)
def test_what_a_prompt_recommends_can_be_done_and_shows_something(admin, name):
    made = list(_calls(admin, name))
    assert made
    shown = 0
    for tool, call, result in made:
        if tool == "search":
            assert set(call["fields"]) <= set(result["columns"])
        shown += bool(result["rows"] if tool == "search" else result["count"])
    assert shown >= FRUITFUL[name], [(call["model"], result) for _tool, call, result in made]


def test_a_salesperson_can_follow_those_that_are_shown(sally):
    listed = [name for name in prompts.listed(sally) if name in FRUITFUL]
    assert {"pipeline_review", "quotation_follow_up"} <= set(listed)
    for name in listed:
        assert list(_calls(sally, name))


def test_every_argument_of_a_shipped_prompt_can_be_completed_or_is_explained(admin):
    for name, prompt in prompts.listed(admin).items():
        for argument in prompt["arguments"] if name in FRUITFUL else ():
            assert argument["title"] and argument["description"]
            reference = {"type": "ref/prompt", "name": name}
            params = {"ref": reference, "argument": {"name": argument["name"], "value": ""}}
            found = admin.modern("completion/complete", params).json["result"]["completion"]
            assert found["values"] or "YYYY-MM" in argument["description"] or argument["name"] == "quantity"

"""The three examples of docs/policy.md: the calls that it shows work, and refusals have the text that it quotes."""

import contextlib
import json
import re

import pytest

from harness.paths import CHECKOUT

TEXT = (CHECKOUT / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLES = {
    title: json.loads(text)
    for title, text in re.findall(r"^### ([^\n]+)\n(?:(?!^#).)*?```json\n(.*?)\n```", TEXT, re.S | re.M)
}
CALLS = [
    pytest.param(title, part, number, id=f"{title}: {part} {number}")
    for title, example in EXAMPLES.items()
    for part in ("works", "refused")
    for number in range(len(example[part]))
]


@pytest.fixture
def ids(world, db, door):
    """The values of the names in capitals."""
    odoo = world.json2(door)
    values = [{"name": "Example", "user_id": world[login].id, "type": "opportunity"} for login in ("sally", "admin")]
    own, other = odoo.value("crm.lead", "create", vals_list=values)
    yield {
        "OWN_LEAD": own,
        "OTHER_LEAD": other,
        "PARTNER": world.partners[0],
        "ORDER": world.orders[0],
        "SALLY": world["sally"].id,
        "GROUP": db.value("SELECT min(id) FROM res_groups"),
        "MODULE": db.value("SELECT id FROM ir_module_module WHERE name = 'odoo_mcp'"),
    }
    found = odoo.value("crm.lead", "search", domain=[["name", "in", ["Example", "Asked by e-mail"]]])
    odoo.value("crm.lead", "unlink", ids=found)


def test_there_are_three():
    assert list(EXAMPLES) == ["A sales assistant", "An accounting reader", "An administrator's helper"]


@pytest.mark.parametrize(("title", "part", "number"), CALLS)
def test_an_example_does_what_it_says(world, door, ids, restrict, title, part, number):
    example = EXAMPLES[title]
    tool, arguments, *said = example[part][number]
    text = json.dumps(arguments)
    for name, value in ids.items():
        text = text.replace(f'"{name}"', str(value))
    client = world.client(door, example["owner"], "mcp")
    scope = dict(example["scope"])
    lines = list(scope.pop("lines").items())
    with contextlib.ExitStack() as records:
        for model, record in example.get("access", {}).items():
            records.enter_context(restrict.access(model, **record))
        records.enter_context(restrict.scope(world[example["owner"]].keys["mcp"], lines, **scope))
        answer = client.call(tool, json.loads(text))
    if part == "works":
        assert answer.json["result"]["isError"] is False, answer.text
    else:
        assert said[0] in answer.text, answer.text

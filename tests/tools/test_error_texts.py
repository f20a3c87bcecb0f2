"""The exact error texts: golden/error_texts.txt lists calls on the demo data and the text that each returns.

A call is a line `## user tool {arguments}`, and its text follows. `<name>` stands for an id of the database.
`ODOO_MCP_GOLDEN=write` accepts changed texts, which are then reviewed as a diff.
"""

import json
import os
import pathlib
import re

import pytest
from support import policy

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "error_texts.txt"
NEXT = re.compile(r"^##? ", re.MULTILINE)
HEAD = re.compile(r"^## (\w+) (\w+) (\{.*\})$", re.MULTILINE)


def _cases():
    text = GOLDEN.read_text()
    return [(head, text[head.end() : _end(text, head)].strip()) for head in HEAD.finditer(text)]


def _end(text, head):
    """Where the text ends: at the next call or the next chapter."""
    following = NEXT.search(text, head.end())
    return following.start() if following else len(text)


CASES = _cases()


@pytest.fixture(scope="module")
def ids(world):
    """The placeholders for ids in the file."""
    db = world.db
    return {
        "sally": world["sally"].id,
        "admin": world["admin"].id,
        "petra": world["petra"].id,
        "order": world.orders[0],
        "hers": world.orders[1],
        "partner": world.partners[0],
        "rivals": world.partners[3],
        "rival": world.rival,
        "main": world.main,
        "gone": db.value("SELECT max(id) + 100000 FROM sale_order"),
    }


@pytest.fixture(scope="module")
def restricted(world):
    """A field hidden from everybody, a blocked method, a forbidden operation, a domain."""
    made = policy.Restrictions(world.db)
    with (
        made.access("crm.lead", hidden=["expected_revenue"], off=["unlink"]),
        made.access("res.partner.category", blocked="toggle_everything", domain=[["id", "<", 0]]),
        # Models that only Odoo's administrators may change.
        made.access("res.users"),
        made.access("res.company"),
    ):
        yield


@pytest.fixture(scope="module")
def told(world, fast_server, ids, restricted):
    """The text that each call returns, in the format of the file."""
    clients = {}

    def ask(login, tool, arguments):
        client = clients.setdefault(login, world.client(fast_server, login))
        for name, number in ids.items():
            arguments = arguments.replace(f'"<{name}>"', str(number)).replace(f"<{name}>", str(number))
        result = client.call(tool, json.loads(arguments)).json
        assert "result" in result, result
        assert result["result"]["isError"], result
        text = result["result"]["content"][0]["text"]
        for name, number in ids.items():
            number = rf"(?<![\d.]){number}(?!\d)" if number > 9 else rf"(?:(?<=\(id=)|(?<=User: )){number}(?!\d)"
            text = re.sub(number, f"<{name}>", text)
        return text

    return ask


@pytest.mark.parametrize(("head", "expected"), CASES, ids=[head.group(0)[3:110] for head, _ in CASES])
def test_it_is_told_like_this(told, head, expected):
    said = told(*head.groups())
    if os.environ.get("ODOO_MCP_GOLDEN") == "write":
        written = GOLDEN.read_text()
        found = next(other for other in HEAD.finditer(written) if other.group(0) == head.group(0))
        GOLDEN.write_text(f"{written[: found.end()]}\n{said}\n\n{written[_end(written, found) :]}")
        return
    assert said == expected


def test_every_tool_is_among_them(admin):
    named = {head.group(2) for head, _ in CASES}
    ours = {name for name in admin.tools() if not name.startswith(("test_", "example_"))}
    assert ours <= named, ours - named

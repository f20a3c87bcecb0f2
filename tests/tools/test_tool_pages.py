"""More tools than fit on one page: `tools/list` with opaque cursors returns each tool once, in order, at both doors."""

import base64
import json

import pytest
from support import mcp

PAGE = 100
MORE = 230


@pytest.fixture(scope="module")
def many(world, fast_server):
    """Hundreds of tools, created with an administrator's form values; their ids."""
    odoo = world.json2(fast_server)
    ids = odoo.value(
        "mcp.tool",
        "create",
        vals_list=[
            {
                # The order of the names differs from the order of the sequences.
                "name": f"many_{number * 37 % 1000:03}",
                "description": f"Number {number}.",
                "sequence": 500 + number % 7,
                "method": "_tool_list_companies",
            }
            for number in range(MORE)
        ],
    )
    yield ids
    assert odoo.value("mcp.tool", "unlink", ids=ids) is True


def _page(client, cursor=None, version=mcp.MODERN):
    params = {} if cursor is None else {"cursor": cursor}
    if version == mcp.MODERN:
        answer = client.modern("tools/list", params)
    else:
        answer = client.legacy("tools/list", params, [("MCP-Protocol-Version", version)])
    assert answer.status == 200, answer.text
    return answer.json


def _pages(client, version=mcp.MODERN):
    pages = [_page(client, version=version)["result"]]
    while "nextCursor" in pages[-1]:
        assert len(pages) < 10
        pages.append(_page(client, pages[-1]["nextCursor"], version)["result"])
    return pages


def _names(*pages):
    return [tool["name"] for page in pages for tool in page["tools"]]


@pytest.mark.parametrize("version", [mcp.MODERN, *mcp.HANDSHAKE])
def test_every_tool_comes_once_in_odoos_order(admin, db, many, version):
    pages = _pages(admin, version)
    assert [len(page["tools"]) for page in pages[:-1]] == [PAGE] * (len(pages) - 1)
    assert 0 < len(pages[-1]["tools"]) <= PAGE
    expected = db.rows("SELECT name FROM mcp_tool WHERE active ORDER BY sequence, name, id")
    assert _names(*pages) == [row["name"] for row in expected]
    assert len(pages) == (len(expected) + PAGE - 1) // PAGE >= 3


def test_every_page_is_of_the_same_scope_and_the_last_has_no_cursor(admin, many):
    pages = _pages(admin)
    assert {(page["resultType"], page["ttlMs"], page["cacheScope"]) for page in pages} == {("complete", 0, "private")}
    assert ["nextCursor" in page for page in pages] == [True] * (len(pages) - 1) + [False]
    assert all(isinstance(page.get("nextCursor", ""), str) for page in pages)


def test_a_salesperson_pages_through_what_they_may_see(sally, db, many, door, world):
    group = db.value("SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'group_system'")
    hidden = many[::2]
    odoo = world.json2(door)
    assert odoo.value("mcp.tool", "write", ids=hidden, vals={"group_ids": [[6, 0, [group]]]}) is True
    try:
        names = _names(*_pages(sally))
        shown = db.rows("SELECT name FROM mcp_tool WHERE active AND id <> ALL (%s) ORDER BY sequence, name", hidden)
        assert names == [row["name"] for row in shown]
    finally:
        assert odoo.value("mcp.tool", "write", ids=hidden, vals={"group_ids": [[6, 0, []]]}) is True


def test_each_page_leaves_one_row_that_counts_its_tools(admin, db, many):
    mark = db.audit_mark()
    pages = _pages(admin)
    rows = db.audit_since(mark)
    assert [(row["method"], row["status"], row["row_count"]) for row in rows] == [
        ("tools/list", "ok", len(page["tools"])) for page in pages
    ]


def test_tools_that_come_and_go_between_pages_move_no_other(admin, world, door, many):
    odoo = world.json2(door)
    first, second = _pages(admin)[:2]
    new = odoo.value(
        "mcp.tool",
        "create",
        vals_list=[{"name": "aaa", "description": "x", "sequence": 0, "method": "_tool_list_companies"}],
    )
    gone = odoo.value("mcp.tool", "search", domain=[["name", "=", _names(first)[-1]]])
    assert odoo.value("mcp.tool", "write", ids=gone, vals={"active": False}) is True
    try:
        again = _page(admin, first["nextCursor"])["result"]
        assert _names(again) == _names(second)
    finally:
        assert odoo.value("mcp.tool", "write", ids=gone, vals={"active": True}) is True
        assert odoo.value("mcp.tool", "unlink", ids=new) is True


def test_a_cursor_holds_at_the_other_door_and_in_another_version(world, fast_server, ordinary_server, many):
    one, other = world.client(fast_server), world.client(ordinary_server)
    first, second = _pages(one)[:2]
    assert _names(_page(other, first["nextCursor"])["result"]) == _names(second)
    assert _names(_page(other, first["nextCursor"], "2025-06-18")["result"]) == _names(second)


def _refused(answer):
    assert answer["error"]["code"] == mcp.INVALID_PARAMS, answer
    assert "cursor" in answer["error"]["message"]


def _forged(cursor):
    body, mac = cursor.split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    payload[1][2] += 1
    other = base64.urlsafe_b64encode(json.dumps(payload, separators=(",", ":")).encode()).decode().rstrip("=")
    return f"{other}.{mac}"


def test_what_is_no_cursor_of_this_list_is_refused(admin, many):
    cursor = _page(admin)["result"]["nextCursor"]
    for wrong in [
        "",
        "x",
        "100",
        cursor[:-1],
        cursor + "A",
        cursor.split(".")[0],
        cursor.swapcase(),
        _forged(cursor),
        "A" * 20_000,
        5,
        True,
        {"after": cursor},
        [cursor],
    ]:
        _refused(_page(admin, wrong))


def test_another_users_cursor_is_refused(admin, sally, many):
    _refused(_page(sally, _page(admin)["result"]["nextCursor"]))


def test_another_lists_cursor_is_refused(admin, many):
    cursor = _page(admin)["result"]["nextCursor"]
    answer = admin.modern("prompts/list", {"cursor": cursor})
    _refused(answer.json)


def test_a_cursor_of_a_renewed_secret_is_refused(admin, db, many):
    cursor = _page(admin)["result"]["nextCursor"]
    secret = bytes(db.value("SELECT secret FROM mcp_secret WHERE name = 'token'"))
    db.run("UPDATE mcp_secret SET secret = %s WHERE name = 'token'", secret[::-1])
    try:
        _refused(_page(admin, cursor))
        assert "tools" in _page(admin, _page(admin)["result"]["nextCursor"])["result"]
    finally:
        db.run("UPDATE mcp_secret SET secret = %s WHERE name = 'token'", secret)
    assert "tools" in _page(admin, cursor)["result"]

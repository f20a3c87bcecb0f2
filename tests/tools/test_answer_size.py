"""How much record data an answer holds: whole records up to the limit, shortened long values, and a way to get the
rest."""

import base64
import itertools
import json
import xmlrpc.client

import pytest

PARTNER = "res.partner"
HTML = "<h2>Terms</h2><p>Pay <b>now</b>, see <a href=\"https://x.example/t\">terms</a>.</p><ul><li>one</li></ul>"
TEXT = {
    "text": "Terms\n\nPay now, see terms.\n- one",
    "markdown": "## Terms\n\nPay **now**, see [terms](https://x.example/t).\n- one",
}
LONG = "ä€😀" * 5_000
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _size(result):
    return len(result["content"][0]["text"].encode())


@pytest.fixture(scope="module")
def partners(world, fast_server):
    """A parent with many children, HTML and a picture; the children have texts of medium length."""
    odoo = world.json2(fast_server)
    (parent,) = odoo.value(
        PARTNER, "create", vals_list=[{"name": "Size parent", "image_1920": base64.b64encode(PIXEL).decode()}]
    )
    children = odoo.value(
        PARTNER,
        "create",
        vals_list=[
            {"name": f"Size child {n:02}", "parent_id": parent, "comment": f"<p>{'x' * 900}</p>"} for n in range(45)
        ],
    )
    world.db.run("UPDATE res_partner SET comment = %s WHERE id = %s", HTML, parent)
    yield parent, children
    assert odoo.value(PARTNER, "unlink", ids=[*children, parent]) is True


def _cell(client, record, field, **more):
    found = client.result("read", {"model": PARTNER, "ids": [record], "fields": [field], **more})
    return found["rows"][0][1], found


# -- a full answer ------------------------------------------------------------------------------------


def test_a_full_answer_ends_between_records_and_goes_on(admin, db, partners):
    _parent, children = partners
    domain = [["id", "in", children]]
    arguments = {"model": PARTNER, "domain": domain, "fields": ["name", "comment"], "order": "name, id"}
    with db.parameter("odoo_mcp.max_answer_kb", "20"):
        seen, cursor, pages = [], None, 0
        while True:
            answer = admin.call("search", {**arguments, **({"cursor": cursor} if cursor else {})}).json["result"]
            assert not answer["isError"]
            assert _size(answer) <= 20_000
            found = answer["structuredContent"]
            assert json.loads(answer["content"][0]["text"]) == found
            seen += [row[0] for row in found["rows"]]
            assert found["total"] == len(children)
            pages += 1
            if not found["has_more"]:
                assert "cut" not in found
                break
            assert "full" in found["cut"] and found["paging"] == "keyset"
            assert len(found["rows"]) > 10
            cursor = found["next_cursor"]
    assert seen == children
    assert pages == 3
    # With a higher limit, one answer holds all records.
    assert len(admin.result("search", arguments)["rows"]) == len(children)


def test_a_full_answer_where_there_is_no_keyset_goes_on_too(admin, db, partners):
    _parent, children = partners
    arguments = {"model": PARTNER, "domain": [["id", "in", children]], "fields": ["comment"], "order": "parent_id, id"}
    with db.parameter("odoo_mcp.max_answer_kb", "20"):
        first = admin.result("search", arguments)
        assert first["paging"] == "offset"
        second = admin.result("search", {**arguments, "cursor": first["next_cursor"]})
    seen = [row[0] for row in itertools.chain(first["rows"], second["rows"])]
    assert seen == children[: len(seen)]


def test_read_names_the_ids_that_had_no_room(admin, db, partners):
    _parent, children = partners
    arguments = {"model": PARTNER, "fields": ["comment"]}
    with db.parameter("odoo_mcp.max_answer_kb", "20"):
        seen, ids = [], [*children, 2_000_000_000]
        while ids:
            answer = admin.call("read", {**arguments, "ids": ids}).json["result"]
            assert not answer["isError"] and _size(answer) <= 20_000
            found = answer["structuredContent"]
            seen += [row[0] for row in found["rows"]]
            ids = found.get("not_read", [])
            assert ("cut" in found) == bool(ids)
    assert seen == children


def test_a_record_too_large_alone_says_how_to_narrow(admin, db, world, door):
    odoo = world.json2(door)
    values = {"name": "Size alone", "function": "y" * 12_000, "city": "z" * 8_000}
    (record,) = odoo.value(PARTNER, "create", vals_list=[values])
    try:
        with db.parameter("odoo_mcp.max_answer_kb", "10"):
            told = admin.refusal(
                "read", {"model": PARTNER, "ids": [record], "fields": ["function", "city"], "whole": True}
            )
            for word in (f"Record {record}", "function (12002 bytes)", "fewer fields", "without whole"):
                assert word in told, told
            assert admin.result("read", {"model": PARTNER, "ids": [record], "fields": ["name", "city"]})["rows"]
    finally:
        assert odoo.value(PARTNER, "unlink", ids=[record]) is True


def test_the_audit_names_the_records_that_were_given(admin, db, partners):
    _parent, children = partners
    mark = db.audit_mark()
    with db.parameter("odoo_mcp.max_answer_kb", "20"):
        found = admin.result("search", {"model": PARTNER, "domain": [["id", "in", children]], "fields": ["comment"]})
    (row,) = [row for row in db.audit_since(mark) if row["tool"] == "search"]
    assert row["row_count"] == len(found["rows"]) < len(children)
    assert row["record_ids"] == [given[0] for given in found["rows"]]


# -- long values --------------------------------------------------------------------------------------


def test_html_comes_as_text_markdown_or_html(admin, world, door, partners):
    parent, _children = partners
    assert _cell(admin, parent, "comment")[0] == TEXT["text"]
    for form, shown in TEXT.items():
        assert _cell(admin, parent, "comment", html=form)[0] == shown
        searched = {"model": PARTNER, "domain": [["id", "=", parent]], "fields": ["comment"], "html": form}
        assert admin.result("search", searched)["rows"] == [[parent, shown]]
    raw = world.json2(door).value(PARTNER, "read", ids=[parent], fields=["comment"])[0]["comment"]
    assert _cell(admin, parent, "comment", html="html")[0] == raw == HTML
    assert "html" in admin.refusal("read", {"model": PARTNER, "ids": [parent], "html": "rtf"})


def test_long_texts_are_cut_between_letters_and_come_whole_when_asked(admin, db, partners):
    parent, _children = partners
    db.run("UPDATE res_partner SET function = %s WHERE id = %s", LONG, parent)
    cell, found = _cell(admin, parent, "function")
    assert cell == {"text": LONG[:10_000], "length": len(LONG)}
    assert "function" in found["cut"] and "whole" in found["cut"]
    listed = admin.result("search", {"model": PARTNER, "domain": [["id", "=", parent]], "fields": ["function"]})
    assert listed["rows"] == [[parent, {"text": LONG[:1_000], "length": len(LONG)}]]
    cell, found = _cell(admin, parent, "function", whole=True)
    assert cell == LONG
    assert "cut" not in found


def test_long_lists_of_records_are_counted(admin, world, door, partners):
    parent, children = partners
    ids = world.json2(door).value(PARTNER, "read", ids=[parent], fields=["child_ids"])[0]["child_ids"]
    cell, found = _cell(admin, parent, "child_ids")
    assert cell == {"ids": ids[:20], "count": 45}
    assert "child_ids" in found["cut"]
    assert _cell(admin, parent, "child_ids", whole=True)[0] == ids
    assert len(_cell(admin, children[0], "child_ids")[0]) == 0


def test_files_are_told_not_sent(admin, world, door, partners):
    parent, children = partners
    odoo = world.json2(door)
    (stored,) = odoo.value(
        "ir.attachment",
        "search_read",
        domain=[["res_model", "=", PARTNER], ["res_field", "=", "image_1920"], ["res_id", "=", parent]],
        fields=["file_size", "mimetype"],
    )
    told = {"size": stored["file_size"], "mimetype": stored["mimetype"]}
    assert _cell(admin, parent, "image_1920")[0] == told
    assert _cell(admin, children[0], "image_1920")[0] is None
    listed = admin.result("search", {"model": PARTNER, "domain": [["id", "=", parent]], "fields": ["image_1920"]})
    assert listed["rows"] == [[parent, told]]
    content = odoo.value(PARTNER, "read", ids=[parent], fields=["image_1920"])[0]["image_1920"]
    assert _cell(admin, parent, "image_1920", whole=True)[0] == {**told, "base64": content}


def test_a_file_that_has_no_room_is_told_even_when_asked_for(admin, db, world, door):
    odoo = world.json2(door)
    data = base64.b64encode(b"q" * 9_000).decode()
    values = [{"name": f"size {number}", "datas": data} for number in range(3)]
    ids = odoo.value("ir.attachment", "create", vals_list=values)
    try:
        with db.parameter("odoo_mcp.max_answer_kb", "20"):
            found = admin.result("read", {"model": "ir.attachment", "ids": ids, "fields": ["datas"], "whole": True})
        sizes = [row[1]["size"] for row in found["rows"]]
        inside = ["base64" in row[1] for row in found["rows"]]
        assert (sizes, inside) == ([9_000] * 3, [True, False, False])
        assert "datas" in found["cut"]
    finally:
        assert odoo.value("ir.attachment", "unlink", ids=ids) is True


def test_who_may_not_read_a_file_is_not_told_of_it(sally, world, door):
    odoo = world.json2(door)
    parameter = odoo.value("ir.config_parameter", "search", domain=[], limit=1)[0]
    values = {"name": "x", "raw": "secret", "res_model": "ir.config_parameter", "res_id": parameter}
    (hidden,) = odoo.value("ir.attachment", "create", vals_list=[values])
    try:
        for fields in (["datas"], ["raw"], ["name", "datas"]):
            assert "size" not in sally.refusal("read", {"model": "ir.attachment", "ids": [hidden], "fields": fields})
    finally:
        assert odoo.value("ir.attachment", "unlink", ids=[hidden]) is True


BOMBS = {
    "deep": "<div>" * 30_000 + "bottom",
    "wide": "<p>x</p>" * 30_000,
    "open formatting": "".join(f"<a href='/{n}'><font size={n}>" for n in range(5_000)) + "<p>x" * 5_000,
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(40_000)) + ">x</p>",
    "lists": "x" + "<ul><li>" * 20_000,
    "tables": "<table><tr><td>" * 15_000 + "x",
    "nul and others": "<p>\ufffd\u202e<b>x",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_hostile_html_is_an_answer_like_any_other(admin, db, partners, bomb):
    _parent, children = partners
    before = db.value("SELECT comment FROM res_partner WHERE id = %s", children[0])
    db.run("UPDATE res_partner SET comment = %s WHERE id = %s", BOMBS[bomb], children[0])
    try:
        for form in ("text", "markdown"):
            cell, _found = _cell(admin, children[0], "comment", html=form)
            text = cell if isinstance(cell, str) else cell["text"]
            assert "x" in text or "bottom" in text
    finally:
        db.run("UPDATE res_partner SET comment = %s WHERE id = %s", before, children[0])


def test_whatever_is_written_comes_back_from_odoo_too(world, door, partners):
    """Control: Odoo holds the texts of these tests unchanged."""
    parent, _children = partners
    url = f"http://127.0.0.1:{door.port}/xmlrpc/2/object"
    person = world["admin"]
    with xmlrpc.client.ServerProxy(url) as odoo:
        (row,) = odoo.execute_kw(world.name, person.id, person.key, PARTNER, "read", [[parent], ["comment"]])
    assert row["comment"] == HTML

"""Every kind of bad input, at both doors: a specific answer with the right status and code, an audit row, no traceback,
no change, and a worker that survives."""

import json

import pytest
from support import http, mcp
from support.logs import Log


@pytest.fixture(scope="module")
def state(db):
    """The contents of the database. Each test verifies that it did not change them."""
    return {"counts": db.counts()}


@pytest.fixture
def unharmed(door, db, state):
    """After the test: same rows, same workers, one more audit row per message, no error in the log."""
    log, mark, workers = Log(door.log), Log(door.log).mark(), door.worker_pids()
    before = db.audit_total()
    expected = {"rows": 1}
    yield expected
    assert db.audit_total() - before == expected["rows"]
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0
    counts = db.counts()
    assert {
        name: (state["counts"].get(name), value) for name, value in counts.items() if state["counts"].get(name) != value
    } == {}
    assert door.worker_pids() == workers
    assert log.trouble(mark) == []


def audited(db):
    """The newest audit row."""
    return db.row("SELECT * FROM mcp_audit_log ORDER BY id DESC LIMIT 1")


def refused(answer, status, code, *texts, number=...):
    """Asserts a JSON-RPC error with this status and code. Its message has all these texts and no server internals."""
    assert (answer.status, answer.code) == (status, code), answer.text
    assert answer.header("Content-Type") == "application/json"
    for text in texts:
        assert text in answer.message, answer.message
    assert "Traceback" not in answer.text and "psycopg2" not in answer.text and "SQLSTATE" not in answer.text
    if number is not ...:
        assert answer.json["id"] == number
    return answer.message


# -- not a message ------------------------------------------------------------------------------------

NOT_JSON = {
    "empty": b"",
    "white space": b"  \n",
    "text": b"hello",
    "half an object": b'{"jsonrpc": "2.0", "id": 1',
    "a trailing comma": b'{"jsonrpc": "2.0", "id": 1, "method": "ping",}',
    "single quotes": b"{'jsonrpc': '2.0'}",
    "two values": b'{"jsonrpc": "2.0", "id": 1, "method": "ping"} {}',
    "NaN": b'{"jsonrpc": "2.0", "id": NaN}',
    "a lone surrogate": b'{"jsonrpc": "2.0", "id": "\\ud800", "method": "ping"}',
    "a raw control character": b'{"jsonrpc": "2.0", "id": "a\x01b", "method": "ping"}',
}


@pytest.mark.parametrize("what", NOT_JSON)
def test_what_is_not_json_is_a_parse_error(admin, db, unharmed, what):
    refused(admin.send(NOT_JSON[what]), 400, mcp.PARSE_ERROR, number=None)
    row = audited(db)
    assert (row["status"], row["http_status"], row["error_code"]) == ("error", 400, mcp.PARSE_ERROR)


WRONG_SHAPES = {
    "a number": 17,
    "a string": "ping",
    "null": None,
    "true": True,
    "an empty object": {},
    "no version": {"id": 1, "method": "ping"},
    "JSON-RPC 1.0": {"jsonrpc": "1.0", "id": 1, "method": "ping"},
    "version as a number": {"jsonrpc": 2.0, "id": 1, "method": "ping"},
    "no method": {"jsonrpc": "2.0", "id": 1},
    "method as a number": {"jsonrpc": "2.0", "id": 1, "method": 5},
    "method null": {"jsonrpc": "2.0", "id": 1, "method": None},
    "params as an array": {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]},
    "params as a string": {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": "x"},
    "id null": {"jsonrpc": "2.0", "id": None, "method": "ping"},
    "id an object": {"jsonrpc": "2.0", "id": {}, "method": "ping"},
    "id a fraction": {"jsonrpc": "2.0", "id": 1.5, "method": "ping"},
    "id a boolean": {"jsonrpc": "2.0", "id": True, "method": "ping"},
}


@pytest.mark.parametrize("what", WRONG_SHAPES)
def test_json_of_another_shape_is_an_invalid_request(admin, db, unharmed, what):
    refused(admin.send(WRONG_SHAPES[what]), 400, mcp.INVALID_REQUEST)
    row = audited(db)
    assert (row["status"], row["http_status"], row["error_code"]) == ("error", 400, mcp.INVALID_REQUEST)
    assert row["login"] == "admin"


BATCHES = {"2025-06-18": "2025-06-18", "2025-11-25": "2025-11-25", "2026-07-28": mcp.MODERN}


@pytest.mark.parametrize("version", BATCHES)
def test_a_batch_where_none_is_allowed_is_an_invalid_request(admin, unharmed, version):
    batch = [mcp.message("ping"), mcp.message("ping")]
    refused(admin.send(batch, [("MCP-Protocol-Version", version)]), 400, mcp.INVALID_REQUEST, "one message")


def test_an_empty_batch_is_an_invalid_request(admin, unharmed):
    refused(admin.send([], [("MCP-Protocol-Version", "2025-03-26")]), 400, mcp.INVALID_REQUEST, "empty")


def test_a_batch_of_more_than_fifty_is_an_invalid_request(admin, unharmed):
    batch = [mcp.message("ping") for _ in range(51)]
    refused(admin.send(batch, [("MCP-Protocol-Version", "2025-03-26")]), 400, mcp.INVALID_REQUEST, "50")


def test_a_body_over_the_size_limit_is_413(admin, db, unharmed):
    with db.parameter("odoo_mcp.max_body_mb", "1"):
        refused(admin.send(b" " * 1_000_001), 413, mcp.INVALID_REQUEST, "1000000", number=None)
    assert audited(db)["http_status"] == 413


def test_invalid_utf_8_is_a_parse_error_that_names_the_byte(admin, unharmed):
    body = b'{"jsonrpc": "2.0", "id": 1, "method": "p\xffng"}'
    refused(admin.send(body), 400, mcp.PARSE_ERROR, "UTF-8", f"byte {body.index(0xFF)}", number=None)


def test_a_nul_byte_in_the_body_is_a_parse_error(admin, unharmed):
    refused(admin.send(b'{"jsonrpc": "2.0", "id": 1, "method": "p\x00ng"}'), 400, mcp.PARSE_ERROR, number=None)


def test_a_nul_in_a_string_is_refused_by_its_place(admin, unharmed):
    answer = admin.send(mcp.message("tools/call", {"name": "count", "arguments": {"model": "res.partner\0"}}, number=9))
    refused(answer, 400, mcp.INVALID_PARAMS, "NUL", "params.arguments.model", number=9)


def test_a_nul_in_a_member_name_is_refused(admin, unharmed):
    answer = admin.send(mcp.message("tools/call", {"name": "count", "arguments": {"mod\0el": "res.partner"}}, number=9))
    refused(answer, 400, mcp.INVALID_PARAMS, "NUL", number=9)


def test_a_nul_in_the_method_or_the_id_is_refused(admin, unharmed):
    unharmed["rows"] = 2
    refused(admin.send(mcp.message("pi\0ng", number=3)), 400, mcp.INVALID_REQUEST, "NUL", number=3)
    refused(admin.send(mcp.message("ping", number="a\0b")), 400, mcp.INVALID_REQUEST, "NUL", number=None)


def test_an_id_past_64_bits_is_refused(admin, unharmed):
    body = b'{"jsonrpc": "2.0", "id": 123456789012345678901234567890, "method": "ping"}'
    refused(admin.send(body), 400, mcp.INVALID_REQUEST, "64 bits")


@pytest.mark.parametrize(
    "number", ["123456789012345678901234567890", "18446744073709551616", "9223372036854775808", "1e400", "-1e400"]
)
def test_a_number_past_64_bits_in_an_argument_is_refused(admin, unharmed, number):
    body = (
        '{"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {"name": "read", "arguments":'
        f' {{"model": "res.partner", "ids": [{number}]}}}}}}'
    ).encode()
    answer = admin.send(body)
    if answer.status == 200:
        assert answer.json["result"]["isError"] is True
        assert "ids" in answer.json["result"]["content"][0]["text"]
    else:
        refused(answer, 400, mcp.PARSE_ERROR)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_ten_thousand_deep_is_a_parse_error(admin, unharmed, opening):
    refused(admin.send(opening.encode() * 10_000), 400, mcp.PARSE_ERROR, "nested", number=None)


def test_nesting_ten_thousand_deep_inside_params_is_a_parse_error(admin, unharmed):
    deep = b"[" * 10_000 + b"]" * 10_000
    body = (
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "count", "arguments": {"domain": '
        + deep
        + b"}}}"
    )
    refused(admin.send(body), 400, mcp.PARSE_ERROR, "nested", number=None)


def test_nesting_ten_thousand_deep_inside_json_text_is_a_refused_argument(admin, unharmed):
    text = "[" * 10_000 + "]" * 10_000
    assert "domain" in admin.refusal("count", {"model": "res.partner", "domain": text})


def test_a_body_cut_off_midway_is_a_parse_error(admin, db, unharmed):
    headers = [
        ("Host", "localhost"),
        ("Authorization", admin.authorization),
        ("Content-Type", "application/json"),
        ("Content-Length", "400"),
    ]
    answer = http.send_bytes(admin.port, http.request_bytes("POST", "/mcp", headers, b'{"jsonrpc": "2.0", "id'))
    refused(answer, 400, mcp.PARSE_ERROR, "cut off", number=None)
    assert audited(db)["error_code"] == mcp.PARSE_ERROR


# -- unknown things -----------------------------------------------------------------------------------


def test_an_unknown_method_is_method_not_found(admin, db, unharmed):
    refused(admin.legacy("tools/lst", number=5), 200, mcp.METHOD_NOT_FOUND, "tools/lst", number=5)
    row = audited(db)
    assert (row["method"], row["status"], row["error_code"]) == ("tools/lst", "error", mcp.METHOD_NOT_FOUND)


def test_an_unknown_method_is_404_in_the_stateless_version(admin, unharmed):
    refused(admin.modern("tools/lst", number=5), 404, mcp.METHOD_NOT_FOUND, "tools/lst", number=5)


def test_an_unknown_tool_names_the_nearest(admin, db, unharmed):
    refused(admin.call("serch"), 200, mcp.INVALID_PARAMS, "serch", "search")
    assert audited(db)["tool"] == "serch"


TOOL_NAMES = {
    "missing": {},
    "null": {"name": None},
    "a number": {"name": 5},
    "empty": {"name": ""},
    "very long": {"name": "x" * 100_000},
}


@pytest.mark.parametrize("what", TOOL_NAMES)
def test_a_tool_name_that_is_none_is_invalid_params(admin, unharmed, what):
    message = refused(
        admin.legacy("tools/call", {**TOOL_NAMES[what], "arguments": {}}),
        200,
        mcp.INVALID_PARAMS,
        "nknown tool" if what in ("empty", "very long") else "name",
    )
    assert len(message) < 2_000


@pytest.mark.parametrize("arguments", [[], "x", 5])
def test_arguments_that_are_no_object_are_refused(admin, unharmed, arguments):
    refused(admin.legacy("tools/call", {"name": "count", "arguments": arguments}), 200, mcp.INVALID_PARAMS, "arguments")


# -- bad arguments: the tool answers with an error that the model can fix ------------------------------

BAD_ARGUMENTS = {
    "missing model": ("search", {}, ["model"]),
    "extra argument": ("count", {"model": "res.partner", "domian": "[]"}, ["domian"]),
    "mistyped model": ("count", {"model": 5}, ["model"]),
    "mistyped ids": ("read", {"model": "res.partner", "ids": "three"}, ["ids"]),
    "an id that is text": ("read", {"model": "res.partner", "ids": ["three"]}, ["ids"]),
    "an id that is a fraction": ("read", {"model": "res.partner", "ids": [1.5]}, ["ids"]),
    "an id that is a boolean": ("read", {"model": "res.partner", "ids": [True]}, ["ids"]),
    "an id that is zero": ("read", {"model": "res.partner", "ids": [0]}, ["ids"]),
    "an id that is negative": ("read", {"model": "res.partner", "ids": [-4]}, ["ids"]),
    "no ids": ("read", {"model": "res.partner", "ids": []}, ["ids"]),
    "a limit of zero": ("search", {"model": "res.partner", "limit": -1}, ["limit"]),
    "a limit over the most": ("search", {"model": "res.partner", "limit": 1_000_000}, ["limit", "1000"]),
    "a negative offset": ("search", {"model": "res.partner", "offset": -1}, ["offset"]),
    "an offset past 64 bits": ("search", {"model": "res.partner", "offset": 2**64}, ["offset"]),
    "unknown model": ("count", {"model": "res.partnr"}, ["res.partnr", "res.partner"]),
    "a model with a quote": ("count", {"model": "res.partner'; --"}, ["res.partner"]),
    "unknown field": ("search", {"model": "res.partner", "fields": ["nmae"]}, ["nmae", "name"]),
    "unknown field in read": ("read", {"model": "res.partner", "ids": [1], "fields": ["nmae"]}, ["nmae", "name"]),
    "unknown field in order": ("search", {"model": "res.partner", "order": "nmae"}, ["nmae", "name"]),
    "an order that is SQL": ("search", {"model": "res.partner", "order": "name; DROP TABLE res_users"}, ["order"]),
    "an order of an odd direction": ("search", {"model": "res.partner", "order": "name upwards"}, ["order"]),
    "unknown field in a domain": ("count", {"model": "res.partner", "domain": '[["nmae","=","x"]]'}, ["nmae", "name"]),
    "unknown field on a path": ("count", {"model": "res.partner", "domain": '[["parent_id.nmae","=","x"]]'}, ["nmae"]),
    "a path through no relation": ("count", {"model": "res.partner", "domain": '[["name.x","=","x"]]'}, ["name.x"]),
    "a domain that is no JSON": ("count", {"model": "res.partner", "domain": "[[name,=,x]]"}, ["domain"]),
    "a domain that is a Python expression": (
        "count",
        {"model": "res.partner", "domain": '[("name","=",now())]'},
        ["domain"],
    ),
    "a domain encoded twice": (
        "count",
        {"model": "res.partner", "domain": json.dumps(json.dumps([["name", "=", "x"]]))},
        ["domain"],
    ),
    "a domain that is an object": ("count", {"model": "res.partner", "domain": '{"name": "x"}'}, ["domain"]),
    "a domain that is a number": ("count", {"model": "res.partner", "domain": 5}, ["domain"]),
    "a condition without brackets": ("count", {"model": "res.partner", "domain": '["name","=","x"]'}, ["domain"]),
    "a condition of two items": ("count", {"model": "res.partner", "domain": '[["name","="]]'}, ["domain[0]"]),
    "a condition of four items": ("count", {"model": "res.partner", "domain": '[["name","=","x","y"]]'}, ["domain[0]"]),
    "an unknown operator": ("count", {"model": "res.partner", "domain": '[["name","~","x"]]'}, ["domain[0]", "~"]),
    "an unknown connective": (
        "count",
        {"model": "res.partner", "domain": '["or",["name","=","x"],["name","=","y"]]'},
        ["domain[0]", "or"],
    ),
    "an operator that lacks an operand": (
        "count",
        {"model": "res.partner", "domain": '["|",["name","=","x"]]'},
        ["domain"],
    ),
    "a good condition followed by a bad one": (
        "count",
        {"model": "res.partner", "domain": '[["name","=","x"],["nmae","=","y"]]'},
        ["domain[1]", "nmae"],
    ),
    "a list where in wants one": ("count", {"model": "res.partner", "domain": '[["id","in","x"]]'}, ["domain[0]"]),
    "a bad date in a domain": (
        "count",
        {"model": "res.partner", "domain": '[["create_date",">","yesterday-ish"]]'},
        ["domain[0]"],
    ),
    "values that are no JSON": ("create", {"model": "res.partner", "values": "name=x"}, ["values"]),
    "values that are a list of numbers": ("create", {"model": "res.partner", "values": "[1]"}, ["values"]),
    "an unknown field in values": ("create", {"model": "res.partner", "values": '{"nmae": "x"}'}, ["nmae", "name"]),
    "a value of the wrong type": (
        "create",
        {"model": "res.partner", "values": '{"name": "x", "color": "red"}'},
        ["color"],
    ),
    "a field that Odoo sets": (
        "create",
        {"model": "res.partner", "values": '{"name": "x", "create_date": "2020-01-01 00:00:00"}'},
        ["create_date"],
    ),
    "an unknown selection": ("create", {"model": "res.partner", "values": '{"name": "x", "type": "villa"}'}, ["type"]),
    "a many2one that is text": (
        "create",
        {"model": "res.partner", "values": '{"name": "x", "parent_id": "Azure"}'},
        ["parent_id"],
    ),
    "a many2one that does not exist": (
        "create",
        {"model": "res.partner", "values": '{"name": "x", "parent_id": 2000000000}'},
        ["2000000000"],
    ),
    "x2many commands that are none": (
        "create",
        {"model": "res.partner", "values": '{"name": "x", "category_id": [[9,0,0]]}'},
        ["category_id"],
    ),
    "an unknown field in x2many": (
        "create",
        {"model": "res.partner", "values": '{"name": "x", "child_ids": [[0,0,{"nmae": "y"}]]}'},
        ["nmae"],
    ),
    "a write of nothing": ("write", {"model": "res.partner", "ids": [1], "values": "[]"}, ["values"]),
    "ids that do not exist": (
        "write",
        {"model": "res.partner", "ids": [2_000_000_000], "values": '{"name": "x"}'},
        ["2000000000"],
    ),
    "a deletion of ids that do not exist": ("unlink", {"model": "res.partner", "ids": [2_000_000_000]}, ["2000000000"]),
    "a method that does not exist": (
        "method_call",
        {"model": "res.partner", "method": "no_such_method"},
        ["no_such_method"],
    ),
    "a private method": (
        "method_call",
        {"model": "res.partner", "method": "_compute_display_name", "ids": [1]},
        ["_compute_display_name"],
    ),
    "a method by a dunder name": ("method_call", {"model": "res.partner", "method": "__init__"}, ["__init__"]),
    "a method of the wrong arguments": (
        "method_call",
        {"model": "res.partner", "method": "address_get", "kwargs": '{"nmae": "x"}'},
        ["nmae"],
    ),
    "kwargs that are a list": (
        "method_call",
        {"model": "res.partner", "method": "address_get", "kwargs": "[]"},
        ["kwargs"],
    ),
    "args that are an object": (
        "method_call",
        {"model": "res.partner", "method": "address_get", "args": "{}"},
        ["args"],
    ),
    "default_get of an unknown field": ("default_get", {"model": "res.partner", "fields": ["nmae"]}, ["nmae"]),
    "describe_model of an unknown field": ("describe_model", {"model": "res.partner", "fields": ["nmae"]}, ["nmae"]),
    "an unknown state of modules": ("list_modules", {"state": "broken"}, ["state"]),
    "an argument where there is none": ("list_companies", {"limit": 3}, ["limit"]),
}


@pytest.mark.parametrize("what", BAD_ARGUMENTS)
def test_bad_arguments_are_named_by_the_tool(admin, db, unharmed, what):
    tool, arguments, texts = BAD_ARGUMENTS[what]
    said = admin.refusal(tool, arguments)
    for text in texts:
        assert text in said, said
    assert "Traceback" not in said and "psycopg2" not in said
    row = audited(db)
    assert (row["tool"], row["http_status"]) == (tool, 200)
    assert row["status"] in ("error", "denied")
    assert row["error"]


def test_a_write_that_breaks_a_constraint_is_refused_in_odoos_words(admin, db, world, unharmed):
    said = admin.refusal(
        "write",
        {"model": "res.partner", "ids": world.partners[:1], "values": json.dumps({"parent_id": world.partners[0]})},
    )
    assert "recursive" in said.lower()
    assert audited(db)["status"] == "error"


def test_a_write_that_breaks_a_database_constraint_is_refused(admin, world, unharmed):
    """A unique index. Odoo turns the integrity error into a readable message."""
    said = admin.refusal("write", {"model": "res.users", "ids": [world["norma"].id], "values": '{"login": "sally"}'})
    assert said.strip()


def test_a_record_that_may_not_be_seen_is_refused(sally, db, world, unharmed):
    said = sally.refusal("read", {"model": "sale.order", "ids": [world.orders[1]], "fields": ["name"]})
    assert "sale.order" in said or "Sales Order" in said
    assert audited(db)["status"] == "denied"


def test_a_record_that_may_not_be_changed_is_refused(sally, db, world, unharmed):
    sally.refusal("write", {"model": "sale.order", "ids": [world.orders[1]], "values": '{"note": "mine"}'})
    assert audited(db)["status"] == "denied"


# -- credentials --------------------------------------------------------------------------------------


def test_a_missing_token_is_401(door, unharmed):
    answer = mcp.Client(door).modern("tools/list")
    assert answer.status == 401
    assert answer.header("WWW-Authenticate").startswith("Bearer")


WRONG_TOKENS = {
    "unknown key": "Bearer " + "ab" * 20,
    "no key at all": "Bearer x",
    "an empty one": "Bearer ",
    "an odd scheme": "Digest x",
    "Basic that is no base64": "Basic !!!",
    "Basic without a colon": "Basic YWRtaW4=",
}


@pytest.mark.parametrize("what", WRONG_TOKENS)
def test_a_wrong_token_is_refused(door, unharmed, what):
    answer = mcp.Client(door, WRONG_TOKENS[what]).modern("tools/list")
    assert answer.status in ((401,) if what in ("unknown key", "no key at all", "an odd scheme") else (400, 401))
    assert "Traceback" not in answer.text


def test_two_authorization_headers_are_400(world, door, unharmed):
    key = world["admin"].key
    headers = [
        ("Host", "localhost"),
        ("Authorization", f"Bearer {key}"),
        ("Authorization", f"Bearer {key}"),
        ("Content-Type", "application/json"),
    ]
    answer = http.exchange(door.port, "POST", "/mcp", headers, json.dumps(mcp.message("ping")).encode())
    assert answer.status == 400
    assert "Authorization" in answer.message

"""The output-schema check that all tests use detects errors, and every shipped tool has a schema."""

import copy
import json

import pytest
from support import http, mcp
from support.outputs import OUTPUTS, Outputs

SCHEMA = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}
LISTED = {"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": "count", "outputSchema": SCHEMA}, {"name": "free"}]}}


def _call(tool, number=2):
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": tool}}


def _result(structured, number=2, **more):
    return {"jsonrpc": "2.0", "id": number, "result": {"content": [], "structuredContent": structured, **more}}


def _bytes(message):
    return json.dumps(message).encode()


def _look(outputs, sent, received, port=1):
    outputs.look(port, _bytes(sent), received if isinstance(received, bytes) else _bytes(received))


@pytest.fixture
def outputs():
    """A separate instance of the check, which has seen the tool list of a server."""
    made = Outputs()
    _look(made, mcp.message("tools/list"), LISTED)
    return made


def test_a_result_that_fits_is_counted(outputs):
    _look(outputs, _call("count"), _result({"count": 3}))
    _look(outputs, _call("free"), _result({"anything": 1}))
    assert outputs.checked == {("count", True): 1, ("free", False): 1}


@pytest.mark.parametrize("wrong", [{"count": "3"}, {}, [1], {"count": None}], ids=json.dumps)
def test_a_result_that_does_not_fit_fails_the_test(outputs, wrong):
    with pytest.raises(AssertionError, match=r"count breaks its output schema .*test_a_result_that_does_not_fit"):
        _look(outputs, _call("count"), _result(wrong))


def test_an_errors_result_is_none(outputs):
    _look(outputs, _call("count"), _result({"why": "not"}, isError=True))
    assert not outputs.checked


def test_batches_and_event_streams_are_looked_into(outputs):
    both = [_call("count", 5), _call("count", 6)]
    with pytest.raises(AssertionError, match="'six' is not of type 'integer'"):
        _look(outputs, both, [_result({"count": 5}, 5), _result({"count": "six"}, 6)])
    assert outputs.checked == {("count", True): 1}
    stream = b'data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\ndata: %s\n\n'
    with pytest.raises(AssertionError, match="'two' is not of type 'integer'"):
        _look(outputs, _call("count"), stream % _bytes(_result({"count": "two"})))


def test_a_server_that_has_not_listed_its_tools_is_checked_later(outputs):
    for wrong, port in (({"count": "x"}, 2), ({"count": "y"}, 3)):
        _look(outputs, _call("count"), _result(wrong), port)
    with pytest.raises(AssertionError, match="'x' is not"):
        _look(outputs, mcp.message("tools/list"), LISTED, 2)
    with pytest.raises(AssertionError, match="'y' is not"):
        outputs.finish()


def test_it_holds_what_servers_really_answer(admin, monkeypatch):
    """A real answer without one required member fails in the tests' own client."""
    whole = admin.call("count", {"model": "res.company"})
    before = OUTPUTS.checked["count", True]
    assert admin.result("count", {"model": "res.company"})["count"] >= 1
    assert OUTPUTS.checked["count", True] == before + 1
    spoilt = copy.deepcopy(whole.json)
    del spoilt["result"]["structuredContent"]["count"]

    def spoil(*_args, **_more):
        sent = json.loads(_args[1].partition(b"\r\n\r\n")[2])
        return http.Answer(200, [], _bytes({**spoilt, "id": sent["id"]}))

    monkeypatch.setattr(http, "send_bytes", spoil)
    with pytest.raises(AssertionError, match="count breaks its output schema"):
        admin.call("count", {"model": "res.company"})


def test_every_shipped_tool_has_an_output_schema(admin, db):
    shipped = db.rows(
        "SELECT t.name, t.output_schema FROM mcp_tool t"
        " JOIN ir_model_data d ON d.model = 'mcp.tool' AND d.res_id = t.id WHERE d.module = 'odoo_mcp'"
    )
    assert len(shipped) >= 13
    listed = admin.tools()
    for tool in shipped:
        schema = listed[tool["name"]]["outputSchema"]
        assert schema == json.loads(tool["output_schema"]), tool["name"]
        # A schema that accepts any value is useless.
        assert schema["properties"] and schema["required"], tool["name"]

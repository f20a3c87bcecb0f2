"""Requests of a 2026-07-28 client that can be asked for input, and its responses."""

from .mcp import META

ALL = {"elicitation": {}, "sampling": {}, "roots": {"listChanged": True}}


def ask(client, method="tools/call", capabilities=ALL, meta=None, **params):
    """One request of a client that supports elicitation."""
    return client.modern(method, {**params, "_meta": {META + "clientCapabilities": capabilities, **(meta or {})}})


def asked(answer):
    """The input requests and the state of an answer that needs input."""
    assert answer.status == 200, answer.text
    result = answer.json["result"]
    assert result["resultType"] == "input_required", result
    assert set(result) == {"resultType", "inputRequests", "requestState", "_meta"}
    return result["inputRequests"], result["requestState"]


def done(answer):
    """The result of an answer that needs no more input."""
    assert answer.status == 200, answer.text
    result = answer.json["result"]
    assert result["resultType"] == "complete" and not result.get("isError"), result
    return result


def accept(**content):
    """A person's response that fills in a form."""
    return {"action": "accept", "content": content}

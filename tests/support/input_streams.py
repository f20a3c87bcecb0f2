"""Streams on which a 2025-11-25 client is asked for input, and its responses."""

import json

from .input_required import ALL

VERSION = "2025-11-25"


class Event:
    """One event of a stream: its id, its retry time, and its message, if any."""

    def __init__(self, block):
        lines = [line.partition(":") for line in block.splitlines()]
        fields = {name: value.removeprefix(" ") for name, _colon, value in lines}
        self.id = fields.get("id")
        self.retry = fields.get("retry") and int(fields["retry"])
        self.message = json.loads(fields["data"]) if fields["data"] else None


def stream(answer):
    """The events of a stream after it has ended."""
    assert answer.status == 200, answer.text
    assert answer.header("Content-Type") == "text/event-stream", answer.text
    assert answer.header("Content-Length") == str(len(answer.body))
    blocks = answer.text.split("\n\n")
    assert blocks.pop() == ""
    return [Event(block) for block in blocks]


def open_session(world, door, login="admin", version=VERSION, capabilities=ALL):
    """A client with a session that supports elicitation."""
    client = world.client(door, login)
    client.initialize(version, capabilities=capabilities)
    return client


def ask(client, name, number=7):
    """Calls the tool that asks for confirmation."""
    return client.legacy("tools/call", {"name": "test_ask", "arguments": {"name": name}}, number=number)


def questions(events):
    """The server's requests on a stream, by input request key."""
    asked = [event.message for event in events if event.message and "id" in event.message]
    assert all(request["jsonrpc"] == "2.0" and "method" in request for request in asked), asked
    return {request["id"].partition("/")[2]: request for request in asked}


def take_up(client, last):
    """Resumes the stream after that event."""
    return client.send(b"", [("Accept", "text/event-stream"), ("Last-Event-ID", last), ("Content-Type", None)], "GET")


def respond(client, request, result=None, error=None):
    """Responds to a request of the server."""
    body = {"jsonrpc": "2.0", "id": request["id"], **({"error": error} if error else {"result": result})}
    answer = client.send(body)
    assert (answer.status, answer.body) == (202, b""), answer.text
    return answer

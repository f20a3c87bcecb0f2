"""Messages on an event stream, and the records that test tools make."""

import json


def items(db, name):
    """How many test items have a name that begins with this."""
    return db.value("SELECT count(*) FROM mcp_test_item WHERE name LIKE %s", f"{name}%")


def events(answer):
    """The messages of an event stream."""
    assert answer.header("Content-Type") == "text/event-stream", answer.text
    assert answer.header("X-Accel-Buffering") == "no" and answer.header("Cache-Control") == "no-cache"
    assert answer.header("Content-Length") == str(len(answer.body))
    blocks = answer.text.split("\n\n")
    assert blocks.pop() == ""
    assert all(block.startswith("event: message\ndata: ") for block in blocks), answer.text
    return [json.loads(block.partition("\ndata: ")[2]) for block in blocks]

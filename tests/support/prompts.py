"""Lists and gets prompts through MCP, and creates prompts in Odoo as their owners."""

import contextlib


def listed(client):
    """All prompts of a user by name, in order, from all pages."""
    found, params = {}, {}
    while True:
        answer = client.modern("prompts/list", params)
        assert answer.status == 200, answer.text
        for prompt in answer.json["result"]["prompts"]:
            assert prompt["name"] not in found
            found[prompt["name"]] = prompt
        cursor = answer.json["result"].get("nextCursor")
        if cursor is None:
            return found
        params = {"cursor": cursor}


def get(client, name, arguments=None):
    """The messages of a prompt."""
    params = {"name": name} | ({"arguments": arguments} if arguments is not None else {})
    answer = client.modern("prompts/get", params)
    assert answer.status == 200, answer.text
    return answer.json["result"]["messages"]


def text(client, name, arguments=None):
    """The text of a prompt with one message."""
    [message] = get(client, name, arguments)
    assert message["content"]["type"] == "text"
    return message["content"]["text"]


def refusal(client, name, arguments=None):
    """The error object of a prompt request, which must fail with status 200."""
    params = {"name": name} | ({"arguments": arguments} if arguments is not None else {})
    answer = client.modern("prompts/get", params)
    assert answer.status == 200, answer.text
    return answer.error


def values(name, text="Hello {who}", arguments=("who",), **more):
    """Form values of a new prompt with one message."""
    return {
        "name": name,
        "message_ids": [[0, 0, {"text": text}]],
        "argument_ids": [[0, 0, {"name": argument}] for argument in arguments],
        **more,
    }


@contextlib.contextmanager
def made(odoo, *vals_list):
    """Creates prompts of the user behind `odoo` for the duration of a block. Yields their ids."""
    ids = odoo.value("mcp.prompt", "create", vals_list=list(vals_list))
    try:
        yield ids
    finally:
        left = odoo.value("mcp.prompt", "search", domain=[["id", "in", ids]], context={"active_test": False})
        assert not left or odoo.value("mcp.prompt", "unlink", ids=left) is True

"""The conversation as a page."""

import json
import re

# The parts that differ each time the demo data are created: times, which are relative to that day.
_TIMES = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)?)?|\b\d\d/\d\d/\d{4}( \d\d:\d\d:\d\d)?")

_HEAD = """# A conversation

Three questions and a change, as an AI client has them with Odoo's demo data: what the person asks, the calls of tools
that the model makes for it, what the server answers (all of it), and what the model says. The client is the official
Python SDK, and the model's part is scripted; the answers are the server's. `make conversation` holds the conversation
with a fresh copy of the demo database and writes this page; `make test` holds it again and compares.

Server *{server}*, protocol {version}; {calls} calls, {bytes} bytes of answers in all.
"""


def _bytes(value):
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _line(value):
    return json.dumps(value, ensure_ascii=False)


def _shown(result):
    """A result as JSON, with one line for each member and for each row of a list."""
    parts = []
    for name, value in result.items():
        if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
            lines = ",\n".join(f"    {_line(item)}" for item in value)
            parts.append(f"  {_line(name)}: [\n{lines}\n  ]")
        else:
            parts.append(f"  {_line(name)}: {_line(value)}")
    return "{\n" + ",\n".join(parts) + "\n}"


def page(held):
    """The page of a completed conversation."""
    calls = [call for turn in held["turns"] for call in turn.calls]
    size = sum(_bytes(result) for _tool, _arguments, result in calls)
    text = _HEAD.format(server=held["server"], version=held["version"], calls=len(calls), bytes=size)
    for number, turn in enumerate(held["turns"], 1):
        text += f"\n## {number}. {turn.asked}\n"
        for tool, arguments, result in turn.calls:
            text += f"\n`{tool}`\n\n```json\n{_line(arguments)}\n```\n\n"
            text += f"{_bytes(result)} bytes:\n\n```json\n{_shown(result)}\n```\n"
        text += f"\n> {turn.answered}\n"
    return text


def alike(text):
    """A page without the parts that may differ: times, and sizes, which depend on the length of the times."""
    text = _TIMES.sub("TIME", text)
    return re.sub(r"\d+ bytes", "N bytes", text)

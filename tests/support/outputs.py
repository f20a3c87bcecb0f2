"""Validates every structured result in any test against the output schema that its server lists for the tool.

`http.exchange` gives each exchange to this module. The check sends no request of its own: it reads the `tools/list`
answers of the tests (the shared servers list their tools once, before the first test). Results of a server wait until
it has listed its tools. At the end of the run the check uses the schemas of the other servers for the rest.
"""

import collections
import json
import os

import jsonschema

from support import summary

TITLE = "structured results held against their output schemas"


class Outputs:
    """The listed schemas of each server, and the results that were validated."""

    def __init__(self):
        self.schemas = {}  # by port, then by tool: a validator, or None for a tool without a schema
        self.waiting = {}  # by port: results of tools without a listed schema so far
        self.checked = collections.Counter()

    def look(self, port, sent, received):
        """Reads one exchange: the bytes of both bodies.

        :raises AssertionError: naming the tool, the position and the error in a structured result
        """
        # Most exchanges contain neither, and some contain megabytes.
        if b'"tools/call"' in sent and b"structuredContent" in received:
            calls = {
                _key(message): str(message["params"].get("name"))
                for message in _messages(sent)
                if message.get("method") == "tools/call" and isinstance(message.get("params"), dict)
            }
            for answer in _messages(received):
                if _key(answer) in calls:
                    self._result(port, calls[_key(answer)], answer.get("result"))
        elif b'"tools/list"' in sent and b'"tools"' in received:
            for answer in _messages(received):
                result = answer.get("result")
                if isinstance(result, dict) and isinstance(result.get("tools"), list):
                    self.learn(port, result["tools"])

    def learn(self, port, tools):
        """Stores the schemas of a server's list and checks the results that waited for them."""
        known = self.schemas.setdefault(port, {})
        known.update((tool["name"], _validator(tool)) for tool in tools)
        for one in self.waiting.pop(port, ()):
            self._take(port, known, *one)

    def _result(self, port, tool, result):
        if not isinstance(result, dict) or "structuredContent" not in result or result.get("isError"):
            return
        where = os.environ.get("PYTEST_CURRENT_TEST", "outside of a test")
        self._take(port, self.schemas.get(port, {}), tool, result["structuredContent"], where)

    def _take(self, port, known, tool, structured, where):
        if tool not in known:
            self.waiting.setdefault(port, []).append((tool, structured, where))
        elif known[tool] is None:
            self.checked[tool, False] += 1
        else:
            hold(known[tool], tool, structured, where)
            self.checked[tool, True] += 1

    def finish(self):
        """Checks the waiting results against any server's schema for the tool. Returns those that no server listed."""
        everywhere = {name: schema for known in self.schemas.values() for name, schema in known.items()}
        late, left = 0, []
        for results in self.waiting.values():
            for tool, structured, where in results:
                if tool in everywhere:
                    self._take(None, everywhere, tool, structured, where)
                    late += 1
                else:
                    left.append(tool)
        self.waiting = {}
        held = sum(count for (_tool, has), count in self.checked.items() if has)
        tools = len({tool for tool, has in self.checked if has})
        free = sum(count for (_tool, has), count in self.checked.items() if not has)
        summary.add(
            TITLE,
            f"{held} results of {tools} tools fit their schemas ({late} by what another server of the run listed);"
            f" {free} are of tools without one{'; never listed: ' + ', '.join(sorted(set(left))) if left else ''}",
        )


def hold(validator, tool, structured, where):
    """Raises an error for a structured result that does not fit its schema, and names the position."""
    errors = sorted(validator.iter_errors(structured), key=lambda error: list(map(str, error.path)))
    told = [f"{'/'.join(map(str, error.path)) or 'the root'}: {error.message[:300]}" for error in errors]
    assert not errors, f"the structured result of {tool} breaks its output schema ({where}): {told[:3]}"


def _validator(tool):
    schema = tool.get("outputSchema")
    if schema is None:
        return None
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    kind.check_schema(schema)
    return kind(schema)


def _key(message):
    return json.dumps(message.get("id"))


def _messages(body):
    """The JSON-RPC messages of a body: one message, a batch, or an event stream. Any other body has none."""
    texts = [body]
    if b"data:" in body and not body.lstrip().startswith((b"{", b"[")):
        texts = [line[5:] for line in body.splitlines() if line.startswith(b"data:")]
    found = []
    for text in texts:
        try:
            value = json.loads(text)
        except ValueError:
            continue
        found += value if isinstance(value, list) else [value]
    return [message for message in found if isinstance(message, dict)]


OUTPUTS = Outputs()

"""Reads resources as a client does, and parses the contents."""

import base64
import json

NOT_FOUND = -32002


def read(client, uri):
    """The answer to one 2026-07-28 read request."""
    return client.modern("resources/read", {"uri": uri})


def part(client, uri):
    """The only content of a resource, which must be readable."""
    answer = read(client, uri)
    assert answer.status == 200, answer.text
    result = answer.json.get("result")
    assert result, answer.text
    assert result["resultType"] == "complete"
    assert (result["ttlMs"], result["cacheScope"]) == (0, "private")
    assert len(result["contents"]) == 1, result
    content = result["contents"][0]
    assert content["uri"] == uri
    assert ("text" in content) != ("blob" in content), content
    return content


def text(client, uri, mime_type="text/plain"):
    """The text of a resource of this MIME type."""
    content = part(client, uri)
    assert content["mimeType"] == mime_type, content
    return content["text"]


def value(client, uri):
    """The JSON value of a resource."""
    return json.loads(text(client, uri, "application/json"))


def blob(client, uri, mime_type):
    """The bytes of a file of this MIME type."""
    content = part(client, uri)
    assert content["mimeType"] == mime_type, content["mimeType"]
    return base64.b64decode(content["blob"], validate=True)


def refusal(client, uri):
    """The error of a read request, which must fail with status 200 as JSON-RPC errors of methods do."""
    answer = read(client, uri)
    assert answer.status == 200, answer.text
    assert "result" not in answer.json, answer.text
    return answer.error


def listed(client, method="resources/list", key="resources"):
    """All items of a list and the number of its pages."""
    found, pages, cursor = [], 0, None
    while True:
        answer = client.modern(method, {"cursor": cursor} if cursor else None)
        assert answer.status == 200, answer.text
        result = answer.json["result"]
        assert (result["ttlMs"], result["cacheScope"]) == (0, "private")
        found += result[key]
        pages += 1
        cursor = result.get("nextCursor")
        if not cursor:
            return found, pages


def uris(client):
    """The URIs and templates that a user sees."""
    single, _pages = listed(client)
    templates, _pages = listed(client, "resources/templates/list", "resourceTemplates")
    return [one["uri"] for one in single], [one["uriTemplate"] for one in templates]

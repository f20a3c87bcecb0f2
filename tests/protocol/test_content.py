"""Results of other addons' methods beyond plain values: content parts, structured results, errors, messages."""

import base64
import io
import json
import uuid
import wave

import pytest
from support.events import events, items
from support.logs import Log
from support.mcp import HANDSHAKE, INTERNAL_ERROR, META

SECRET = "hunter2-the-secret-of-the-tests"


def shown(client, tool, arguments=None):
    """The result of a tool call, which must succeed."""
    result = client.call(tool, arguments).json["result"]
    assert result["isError"] is False, result
    return result


@pytest.fixture
def name():
    """A unique name."""
    return f"content {uuid.uuid4()}"


def test_plain_values(admin, world):
    text = shown(admin, "example_greet", {"name": "Ann"})
    assert text["content"][0]["text"].startswith("Hello, Ann! This is ")
    assert "structuredContent" not in text
    sizes = shown(admin, "example_sizes")
    assert sizes["structuredContent"]["contacts"] > 10
    assert json.loads(sizes["content"][0]["text"]) == sizes["structuredContent"]


def test_an_image(admin):
    (part,) = shown(admin, "example_avatar")["content"]
    assert part["type"] == "image" and part["mimeType"].startswith("image/")
    data = base64.b64decode(part["data"], validate=True)
    assert data.startswith((b"\x89PNG", b"<?xml", b"<svg", b"\xff\xd8"))


def test_a_sound(admin):
    (part,) = shown(admin, "example_beep")["content"]
    assert (part["type"], part["mimeType"]) == ("audio", "audio/wav")
    with wave.open(io.BytesIO(base64.b64decode(part["data"], validate=True))) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (8000, 800)


def test_an_embedded_resource_and_a_link(admin, db):
    (part,) = shown(admin, "example_countries")["content"]
    text = "code,name\nBE,Belgium\nDE,Germany"
    assert part == {
        "type": "resource",
        "resource": {"uri": "example://countries.csv", "mimeType": "text/csv", "text": text},
    }
    (link,) = shown(admin, "example_me")["content"]
    assert link["type"] == "resource_link"
    # The client can read the linked resource.
    read = admin.modern("resources/read", {"uri": link["uri"]}).json["result"]["contents"]
    assert link["name"] in read[0]["text"]


def test_several_at_once(admin):
    report = shown(admin, "example_report")
    assert [part["type"] for part in report["content"]] == ["text", "resource_link"]
    assert report["structuredContent"]["count"] == len(report["structuredContent"]["logins"])
    assert report["content"][0]["text"] == f"There are {report['structuredContent']['count']} internal users."


def test_each_version_gets_what_it_knows(world, door):
    for version in HANDSHAKE:
        client = world.client(door)
        client.initialize(version)

        def result(tool, client=client):
            return client.legacy("tools/call", {"name": tool}).json["result"]

        assert "resultType" not in result("example_greet")
        types = [part["type"] for part in result("example_report")["content"]]
        has_structured = "structuredContent" in result("example_report")
        (sound,) = result("example_beep")["content"]
        if version >= "2025-06-18":
            assert types == ["text", "resource_link"] and has_structured
        else:
            # The link and the structured value become texts.
            assert types == ["text", "text", "text"] and not has_structured
        assert sound["type"] == ("audio" if version >= "2025-03-26" else "text")
        # Every tool with an output schema returns structured content to clients whose version supports it.
        assert ("structuredContent" in result("example_sizes")) is (version >= "2025-06-18")


def test_a_resource_and_a_prompt(admin):
    (logo,) = admin.modern("resources/read", {"uri": "example://logo"}).json["result"]["contents"]
    assert logo["uri"] == "example://logo" and logo["mimeType"].startswith("image/")
    assert len(base64.b64decode(logo["blob"], validate=True)) > 100
    params = {"name": "example_describe", "arguments": {"about": "this"}}
    messages = admin.modern("prompts/get", params).json["result"]["messages"]
    assert [(message["role"], message["content"]["type"]) for message in messages] == [
        ("user", "text"),
        ("user", "image"),
        ("assistant", "text"),
    ]


@pytest.mark.parametrize("tool", ["example_reserve", "example_reserve_strictly"])
def test_an_error_undoes_what_the_method_changed(admin, db, name, tool):
    tags = "SELECT count(*) FROM res_partner_category WHERE name ->> 'en_US' = %s"
    mark = db.audit_mark()
    assert "only 3 copies" in admin.refusal(tool, {"name": name, "copies": 5})
    assert db.value(tags, name) == 0
    (row,) = db.audit_since(mark)
    assert (row["status"], row["http_status"], row["tool"]) == ("error", 200, tool)
    assert "only 3 copies" in row["error"]
    assert "2 copies" in shown(admin, tool, {"name": name, "copies": 2})["content"][0]["text"]
    assert db.value(tags, name) == 1
    db.run("DELETE FROM res_partner_category WHERE name ->> 'en_US' = %s", name)


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ({"type": "image", "data": "?", "mimeType": "image/png"}, "content[0].data"),
        ({"type": "image", "data": "aGk=", "mimeType": "png"}, "content[0].mimeType"),
        ({"type": "resource_link", "uri": "no uri", "name": "x"}, "content[0].uri"),
        ({"type": "video"}, "content[0].type"),
        ({}, "content[0].type"),
    ],
)
def test_what_cannot_be_sent_is_undone_and_the_administrator_sees_it(admin, db, door, name, part, wrong):
    log, before = Log(door.log), Log(door.log).mark()
    mark = db.audit_mark()
    text = admin.refusal("test_content", {"name": name, "part": part})
    assert wrong in text and "Nothing was changed." in text
    assert items(db, name) == 0
    (row,) = db.audit_since(mark)
    assert row["status"] == "failed" and wrong in row["error"]
    assert any(level == "WARNING" and wrong in text for _pid, level, _db, _logger, text in log.records(before))
    assert db.value("SELECT count(*) FROM mcp_inflight_call") == 0


def test_a_result_that_breaks_its_schema_is_undone(admin, db, name):
    for result in ({"count": "many"}, {}, "text", [1]):
        mark = db.audit_mark()
        text = admin.refusal("test_schema", {"name": name, "result": result})
        assert "output schema" in text and "Nothing was changed." in text and "many" not in text
        assert [row["status"] for row in db.audit_since(mark)] == ["failed"]
    assert items(db, name) == 0
    assert shown(admin, "test_schema", {"name": name, "result": {"count": 5}})["structuredContent"] == {"count": 5}
    assert items(db, name) == 1


def meta(**members):
    """Request metadata: `token` for progress, `level` for log messages."""
    made = {}
    if "token" in members:
        made["progressToken"] = members["token"]
    if "level" in members:
        made[META + "logLevel"] = members["level"]
    return {"_meta": made}


def test_progress_is_told_before_the_result(admin, db):
    mark = db.audit_mark()
    answer = admin.modern("tools/call", {"name": "example_recompute", **meta(token="p-1")}, number=77)
    *told, last = events(answer)
    params = [one["params"] for one in told]
    assert all(one["method"] == "notifications/progress" and "id" not in one for one in told)
    assert [one["progress"] for one in params] == [0, 1, 2, 3, 4]
    assert {one["progressToken"] for one in params} == {"p-1"} and {one["total"] for one in params} == {4}
    assert params[0]["message"] == "Step 1 of 4"
    assert last["id"] == 77 and last["result"]["content"][0]["text"] == "Done."
    (row,) = db.audit_since(mark)
    assert (row["status"], row["response_bytes"]) == ("ok", len(answer.body))


def test_who_does_not_want_messages_or_cannot_take_them_gets_plain_json(admin):
    plain = [
        admin.call("example_recompute"),
        admin.modern(
            "tools/call", {"name": "example_recompute", **meta(token=1)}, headers=[("Accept", "application/json")]
        ),
        admin.modern("tools/call", {"name": "example_recompute", **meta(token=1)}, headers=[("Accept", "*/*")]),
        admin.call("example_import", {"names": ["x"]}),
        admin.modern("tools/call", {"name": "example_greet", "arguments": {"name": "x"}, **meta(token=1)}),
    ]
    for answer in plain:
        assert answer.header("Content-Type") == "application/json"
        assert answer.json["result"]["isError"] is False


def test_log_messages_are_of_the_level_that_is_wanted(admin, world, door, db):
    db.run("""INSERT INTO res_partner_category (name, active) VALUES ('{"en_US": "taken tag"}', true)""")
    call = {"name": "example_import", "arguments": {"names": ["taken tag", "x"]}}
    everything = [
        {"level": "info", "logger": "import", "data": {"given": 2, "taken": ["taken tag"]}},
        {"level": "warning", "logger": "import", "data": "There is a tag named taken tag already."},
    ]

    def told(answer):
        *told, last = events(answer)
        assert last["result"]["content"][0]["text"] == "1 names are free."
        assert {one["method"] for one in told} == {"notifications/message"}
        return [one["params"] for one in told]

    assert told(admin.modern("tools/call", {**call, **meta(level="debug")})) == everything
    assert told(admin.modern("tools/call", {**call, **meta(level="warning")})) == everything[1:]
    assert admin.modern("tools/call", {**call, **meta(level="error")}).header("Content-Type") == "application/json"
    # In the handshake versions the session sets the level. Without it, the server chooses.
    client = world.client(door)
    client.initialize("2025-06-18")
    assert told(client.legacy("tools/call", call)) == everything
    assert client.legacy("logging/setLevel", {"level": "warning"}).json["result"] == {}
    assert told(client.legacy("tools/call", call)) == everything[1:]
    client.legacy("logging/setLevel", {"level": "emergency"})
    assert client.legacy("tools/call", call).header("Content-Type") == "application/json"
    db.run("DELETE FROM res_partner_category WHERE name ->> 'en_US' = 'taken tag'")


def test_a_batch_with_messages_is_one_event_stream(world, door):
    client = world.client(door)
    client.initialize("2025-03-26")
    call = {"jsonrpc": "2.0", "method": "tools/call"}
    recompute = {"name": "example_recompute", "arguments": {"steps": 1}, "_meta": {"progressToken": "a"}}
    batch = [{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {**call, "id": 2, "params": recompute}]
    messages = events(client.send(batch))
    assert [message.get("id") for message in messages] == [1, None, None, 2]


def test_a_try_that_failed_tells_nothing(admin, name):
    params = {"name": "test_retold", "arguments": {"label": name, "times": 2}, **meta(token="t", level="info")}
    *told, last = events(admin.modern("tools/call", params))
    assert last["result"]["content"][0]["text"] == "3 tries"
    assert [one["params"] for one in told] == [
        {"progressToken": "t", "progress": 3, "message": name},
        {"level": "info", "data": {"label": name, "tries": 3}},
    ]


def test_messages_are_capped_and_secrets_struck_out(admin):
    for count, size in ((5000, 10), (40, 100_000)):
        params = {"name": "test_flood", "arguments": {"count": count, "size": size}, **meta(level="info")}
        answer = admin.modern("tools/call", params)
        assert len(answer.body) < 500_000
        *told, note, last = events(answer)
        assert last["result"]["content"][0]["text"] == "done"
        assert note["params"]["level"] == "warning"
        more = int(note["params"]["data"].split()[0])
        assert more + len(told) == count and 1 < len(told) <= 1000
        assert SECRET not in answer.text and '"password":"***"' in answer.text


def test_what_cannot_be_told_fails_the_call(admin, db, name, provoke):
    failed = r"MCP call \S+ \(_tool_test_tell_badly\) failed.*(ValueError|TypeError)"
    provoke(rf"odoo.addons.odoo_mcp.execution.executor: {failed}")
    for what in ("level", "number", "data of an image", "question"):
        result = admin.call("test_tell_badly", {"name": name, "what": what}).json["result"]
        assert result["isError"] and "internal error" in result["content"][0]["text"], result
    for what in ("data", "nothing"):
        assert "Nothing was changed." in admin.refusal("test_tell_badly", {"name": name, "what": what})
    assert items(db, name) == 0


def test_prompts_and_resources_fail_as_errors(admin, world):
    answer = admin.modern("prompts/get", {"name": "test_asks"})
    assert (answer.status, answer.code) == (400, -32021)
    answer = admin.modern("resources/read", {"uri": "mcp-test://asks"})
    assert (answer.status, answer.code) == (400, -32021)
    assert answer.code != INTERNAL_ERROR

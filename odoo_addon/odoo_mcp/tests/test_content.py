# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import datetime
import threading

from odoo.tests import TransactionCase, tagged

from .. import content
from ..core import dumps
from ..execution.errors import ErrorResult, NotJson, Undone, describe

# The first bytes of a PNG file.
PNG = b"\x89PNG\r\n\x1a\n\x00"
FORM = {"type": "object", "properties": {"name": {"type": "string"}}}


@tagged("post_install", "-at_install")
class TestContent(TransactionCase):
    def test_parts(self):
        self.assertEqual(content.text("Hi"), {"type": "text", "text": "Hi"})
        encoded = base64.b64encode(PNG).decode()
        for data in (PNG, bytearray(PNG), memoryview(PNG), encoded, encoded.encode(), f"{encoded[:4]}\n{encoded[4:]}"):
            self.assertEqual(
                content.image(data, "image/png"), {"type": "image", "data": encoded, "mimeType": "image/png"}
            )
        self.assertEqual(content.audio(PNG, "audio/wav")["type"], "audio")
        self.assertEqual(
            content.resource("a:b", text="x", mime_type="text/plain"),
            {"type": "resource", "resource": {"uri": "a:b", "mimeType": "text/plain", "text": "x"}},
        )
        # Bytes of any kind may look like base64.
        self.assertEqual(content.resource("a:b", blob=b"text")["resource"]["blob"], "dGV4dA==")
        self.assertEqual(content.resource("a:b", blob="dGV4dA==")["resource"]["blob"], "dGV4dA==")
        self.assertEqual(
            content.link("a:b", "x", size=5), {"type": "resource_link", "uri": "a:b", "name": "x", "size": 5}
        )

    def test_a_binary_field_is_an_image_as_it_is(self):
        partner = self.env["res.partner"].create({"name": "x", "image_1920": base64.b64encode(_pixel())})
        part = content.image(partner.image_1920, "image/png")
        self.assertTrue(base64.b64decode(part["data"]).startswith(PNG[:4]))

    def test_what_is_no_part(self):
        for wrong in (b"", "", False, None):
            with self.assertRaises(ValueError):
                content.image(wrong, "image/png")
        with self.assertRaises(ValueError):
            content.image("no base64!", "image/png")
        for given in ({}, {"text": "x", "blob": b"x"}):
            with self.assertRaises(ValueError):
                content.resource("a:b", **given)
        with self.assertRaises(TypeError):
            content.text(5)
        with self.assertRaises(TypeError):
            content.Result([5])

    def test_what_a_method_returns(self):
        hi = content.text("Hi")
        for value in ("Hi", 5, None, [], {}, [hi, "x"], {"type": "text", "text": "Hi"}):
            self.assertEqual(content.outcome(value), {"result": value})
        for value in (hi, [hi], (hi,), content.Result([hi]), content.Result("Hi"), content.Result(hi)):
            self.assertEqual(content.outcome(value), {"content": [hi]})
        structured = content.Result(["Hi"], structured={"n": 1})
        self.assertEqual(content.outcome(structured), {"content": [hi], "structured": {"n": 1}})

    def test_a_result_that_is_an_error(self):
        day = datetime.date(2026, 2, 3)
        with self.assertRaises(ErrorResult) as caught:
            content.outcome(content.Result(["No."], structured={"day": day}, is_error=True))
        self.assertEqual(
            describe(caught.exception),
            {
                "type": "error_result",
                "message": "",
                "content": [{"type": "text", "text": "No."}],
                "structured": {"day": "2026-02-03"},
            },
        )
        with self.assertRaises(NotJson):
            content.outcome(content.Result([], structured=object(), is_error=True))

    def test_what_the_core_undoes(self):
        error = Undone({"type": "unusable", "message": "content[0]: wrong"})
        self.assertEqual(describe(error), {"type": "unusable", "message": "content[0]: wrong"})

    def test_messages_are_of_one_attempt(self):
        with content.Attempt() as first:
            row = {"when": datetime.date(2026, 2, 3)}
            content.progress(0, 10)
            content.progress(5.5, message="half")
            content.log("info", row, logger="x")
            row["when"] = "later"
            with content.Attempt() as second:
                content.log("error", "inner")
            content.log("debug", None)
        content.log("error", "nobody hears this")
        self.assertEqual(
            first.outcome()["notifications"],
            [
                {"progress": 0, "total": 10},
                {"progress": 5.5, "message": "half"},
                {"level": "info", "data": {"when": "2026-02-03"}, "logger": "x"},
                {"level": "debug", "data": None},
            ],
        )
        self.assertEqual(second.outcome(), {"notifications": [{"level": "error", "data": "inner"}]})
        with content.Attempt(listening=False) as deaf:
            content.log("error", "x")
        self.assertEqual(deaf.outcome(), {})

    def test_threads_have_attempts_of_their_own(self):
        seen = []
        with content.Attempt(inputs={"a": 1}) as mine:
            thread = threading.Thread(target=lambda: (content.log("info", "x"), seen.append(content.inputs())))
            thread.start()
            thread.join()
        self.assertEqual(seen, [{}])
        self.assertEqual(mine.notifications, [])

    def test_there_is_room_for_so_many_messages(self):
        with content.Attempt() as attempt:
            for number in range(content.MOST_MESSAGES + 5):
                content.log("info", number)
        told = attempt.outcome()["notifications"]
        self.assertEqual((len(told), told[-1]), (content.MOST_MESSAGES + 1, {"dropped": 5}))
        with content.Attempt() as attempt:
            content.log("info", "x" * content.MOST_CHARACTERS)
            content.log("info", "y")
        self.assertEqual(attempt.outcome()["notifications"], [{"dropped": 2}])

    def test_what_cannot_be_told(self):
        for arguments in ((True,), (float("nan"),), (1, float("inf"))):
            with self.assertRaises(ValueError):
                content.progress(*arguments)
        for arguments in (("half",), (1, "x")):
            with self.assertRaises(TypeError):
                content.progress(*arguments)
        with self.assertRaises(TypeError):
            content.progress(1, message=5)
        with self.assertRaises(ValueError):
            content.log("loud", "x")
        with self.assertRaises(TypeError):
            content.log("info", "x", logger=5)
        with content.Attempt(), self.assertRaises(NotJson):
            content.log("info", object())

    def test_questions(self):
        error = content.InputRequired(
            {
                "name": content.elicit("Who?", FORM),
                "city": content.sample(["Hi", ("assistant", content.text("Yes?"))], 20, system_prompt="Be short."),
                "folders": content.roots(),
            },
            state={"day": datetime.date(2026, 2, 3)},
        )
        messages = [
            {"role": "user", "content": {"type": "text", "text": "Hi"}},
            {"role": "assistant", "content": {"type": "text", "text": "Yes?"}},
        ]
        self.assertEqual(
            describe(error),
            {
                "type": "input_required",
                "message": "",
                "state": {"day": "2026-02-03"},
                "requests": {
                    "name": {"method": "elicitation/create", "params": {"message": "Who?", "requestedSchema": FORM}},
                    "city": {
                        "method": "sampling/createMessage",
                        "params": {"messages": messages, "maxTokens": 20, "systemPrompt": "Be short."},
                    },
                    "folders": {"method": "roots/list", "params": {}},
                },
            },
        )
        self.assertIn('"requests"', dumps(describe(error)))
        with self.assertRaises(TypeError):
            content.InputRequired({"name": {"method": "tools/call"}})
        with self.assertRaises(NotJson):
            content.InputRequired({"folders": content.roots()}, state=object())
        with self.assertRaises(ValueError):
            content.sample([("system", "x")], 5)

    def test_answers(self):
        given = {"name": {"action": "accept", "content": {"name": "Ann"}}}
        with content.Attempt(inputs=given, state=[1], capabilities={"roots": {}}):
            self.assertEqual(content.inputs(), given)
            self.assertEqual((content.state(), content.capabilities()), ([1], {"roots": {}}))
            # What a method changes, another try of it does not meet.
            content.inputs()["name"]["content"].clear()
            content.state().append(2)
        self.assertEqual(given["name"]["content"], {"name": "Ann"})
        self.assertEqual((content.inputs(), content.state(), content.capabilities()), ({}, None, {}))


def _pixel():
    return base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
    )

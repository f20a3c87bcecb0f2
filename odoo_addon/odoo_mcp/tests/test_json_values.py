# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import datetime
import decimal
import json

from odoo.tests import TransactionCase, tagged

from ..execution.errors import NotJson
from ..execution.json_values import to_json


@tagged("post_install", "-at_install")
class TestJsonValues(TransactionCase):
    def test_values(self):
        partner = self.env.ref("base.main_partner")
        cases = [
            (datetime.date(2026, 2, 3), "2026-02-03"),
            (datetime.datetime(2026, 2, 3, 4, 5, 6, 789), "2026-02-03 04:05:06"),
            (
                datetime.datetime(2026, 2, 3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
                "2026-02-03 02:05:00",
            ),
            (b"\0\xff", "AP8="),
            (float("nan"), None),
            (float("-inf"), None),
            (decimal.Decimal("1.5"), 1.5),
            ((1, {"a": {2}}), [1, {"a": [2]}]),
            ({1: "one"}, {"1": "one"}),
            (partner, {"model": "res.partner", "ids": partner.ids}),
            (self.env["res.partner"], {"model": "res.partner", "ids": []}),
            (True, True),
        ]
        for value, expected in cases:
            with self.subTest(value=value):
                self.assertEqual(to_json(value), expected)

    def test_text_that_postgresql_cannot_hold(self):
        text = to_json("a\0b\ud800")
        self.assertNotIn("\0", text)
        json.dumps(text, ensure_ascii=False).encode()

    def test_refused(self):
        nested = []
        for _level in range(100):
            nested = [nested]
        for value in (object(), self.env["res.partner"].new({}), {("a",): 1}, nested, lambda: None):
            with self.subTest(value=type(value)), self.assertRaises(NotJson):
                to_json(value)

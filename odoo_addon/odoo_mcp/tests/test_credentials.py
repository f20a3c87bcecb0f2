# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import json
import random
import re

from odoo.addons.base.models.res_users import KEY_CRYPT_CONTEXT
from odoo.tests import TransactionCase, tagged

from .. import core
from ..controllers import credentials

KEY = "0123456789abcdef0123456789abcdef01234567"


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@tagged("post_install", "-at_install")
class TestCredentials(TransactionCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(credentials._memory._claims.clear)
        credentials._memory._claims.clear()

    def described(self, header):
        return credentials.parse(header).describe("db")

    def test_keys_have_an_index_and_passwords_none(self):
        self.assertIsNone(credentials.parse(None))
        self.assertEqual(self.described(f"bearer  {KEY}"), {"scheme": "bearer", "index": "01234567", "claim": None})
        self.assertEqual(
            self.described(basic(f"demo:{KEY}")),
            {"scheme": "basic", "index": "01234567", "claim": None, "login": "demo"},
        )
        self.assertIsNone(self.described(basic("demo:p:ssword"))["index"])
        self.assertIsNone(self.described("Bearer hunter2")["index"])

    def test_malformed(self):
        cases = {
            "Bearer": "unparsable",
            "Bearer a b": "unparsable",
            "Basic !!": "unparsable",
            basic("nocolon"): "unparsable",
            basic("login:"): "unparsable",
            basic(":secret"): "unparsable",
            basic("a\0b:c"): "unparsable",
            "Digest x": "unsupported",
            "": "unsupported",
            f"Bearer {KEY},Bearer {KEY}": "several",
        }
        for header, reason in cases.items():
            with self.subTest(header=header):
                self.assertEqual(self.described(header), {"scheme": "malformed", "reason": reason})

    def test_a_refusal_takes_the_time_of_one_verification(self):
        """Whether a key begins with these characters is not told by how long it takes."""
        verified = []
        verify = KEY_CRYPT_CONTEXT.verify

        def count(secret, stored):
            verified.append(stored)
            return verify(secret, stored)

        self.patch(
            credentials,
            "KEY_CRYPT_CONTEXT",
            type("Counted", (), {"verify": staticmethod(count), "hash": staticmethod(KEY_CRYPT_CONTEXT.hash)}),
        )
        for candidates in ((), [{"id": 1, "hash": KEY_CRYPT_CONTEXT.hash("another")}]):
            verified.clear()
            credential = credentials.parse(f"Bearer {KEY}")
            if candidates:
                self.assertIsNone(credential.matching_key(candidates))
            credential.spend_verification()
            self.assertEqual(len(verified), 1)
        verified.clear()
        credentials.parse("Bearer hunter2").spend_verification()
        self.assertEqual(verified, [])

    def test_any_header_is_described_without_its_secret(self):
        """Three thousand headers, the same in every run, most of them near a valid one."""
        source = random.Random(7)
        letters = [chr(code) for code in range(256)] + list("BbeaArRsic ,=:+/") * 8
        for _ in range(3000):
            noise = "".join(source.choice(letters) for _ in range(source.randrange(12)))
            secret = source.choice([KEY, "hunter2-hunter2", noise])
            header = source.choice([f"Bearer {secret}", basic(f"demo:{secret}"), basic(f"{noise}:{secret}"), noise])
            at = source.randrange(len(header) + 1)
            header = source.choice([header, header[:at] + noise + header[at:], header[:at]])
            with self.subTest(header=header):
                described = self.described(header)
                self.assertEqual(json.loads(core.dumps(described)), described)
                self.assertIn(described["scheme"], ("bearer", "basic", "malformed"))
                index = described.get("index")
                self.assertTrue(index is None or re.fullmatch("[0-9a-fA-F]{8}", index))
                self.assertNotIn("hunter2-hunter2", described.get("login") or "")
                # At most the index of a key is told.
                self.assertNotIn(KEY[:20], core.dumps({**described, "login": None}))

    def test_matching_key(self):
        candidates = [{"id": 1, "hash": "damaged"}, {"id": 2, "hash": KEY_CRYPT_CONTEXT.hash(KEY)}]
        self.assertEqual(credentials.parse(f"Bearer {KEY}").matching_key(candidates), 2)
        self.assertIsNone(credentials.parse(f"Bearer {KEY[::-1]}").matching_key(candidates))

    def test_a_claim_is_bound_to_everything(self):
        credentials.parse(basic(f"demo:{KEY}")).remember("db", {"key": 1}, None)
        self.assertEqual(self.described(basic(f"demo:{KEY}"))["claim"], {"key": 1})
        for header in (basic(f"dem:o{KEY}"), basic(f"admin:{KEY}"), f"Bearer {KEY}"):
            self.assertIsNone(self.described(header)["claim"])
        self.assertIsNone(credentials.parse(basic(f"demo:{KEY}")).describe("other")["claim"])

    def test_a_claim_expires_and_the_memory_is_bounded(self):
        credentials.parse("Bearer soon").remember("db", {"key": 1}, 0)
        self.assertIsNone(self.described("Bearer soon")["claim"])
        for number in range(credentials.MOST_REMEMBERED + 10):
            credentials.parse(f"Bearer token{number}").remember("db", {"key": number}, None)
        self.assertEqual(len(credentials._memory._claims), credentials.MOST_REMEMBERED)
        self.assertIsNone(self.described("Bearer token0")["claim"])

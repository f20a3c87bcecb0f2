# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import io
import zlib

from PIL import Image

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from .. import compat
from ..tools import file_content, pdf_text

# One pixel.
WEBP = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")


def image(width, height, kind="PNG", mode="RGB"):
    stream = io.BytesIO()
    Image.effect_noise((width, height), 100).convert(mode).save(stream, kind)
    return stream.getvalue()


@tagged("post_install", "-at_install")
class TestFiles(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "mcp_files", "base.group_user,base.group_partner_manager")
        cls.tools = cls.env["mcp.tool"].with_user(cls.user)
        cls.partner = cls.env["res.partner"].create({"name": "MCP files"})

    def attach(self, name, raw, **more):
        data = base64.b64encode(raw).decode()
        return self.tools._tool_attach_file("res.partner", self.partner.id, name, data, **more)["file"]

    def shown(self, file, **more):
        arguments = {"offset": 0, "most_characters": 1000, "most_bytes": 100000, **more}
        return self.tools._tool_read_file(file["id"], **arguments)

    def test_texts_are_told_by_their_bytes(self):
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"):
            self.assertEqual(file_content.decoded("Zoë €".encode(encoding)), "Zoë €", encoding)
        self.assertIsNone(file_content.decoded(b"a\0b"))
        self.assertIsNone(file_content.decoded(b"\xff\xfea"))
        for text in ("text/csv", "application/json", "image/svg+xml", "application/vnd.api+json"):
            self.assertTrue(file_content.is_text(text), text)
        for other in ("image/png", "application/pdf", "application/octet-stream", "application/zip"):
            self.assertFalse(file_content.is_text(other), other)

    def test_images_are_made_to_fit(self):
        small = image(30, 20)
        self.assertEqual(file_content.shown_image(small, 100000), (small, "image/png", 30, 20, False))
        for kind in ("PNG", "JPEG", "BMP", "GIF"):
            large = image(900, 600, kind)
            data, mimetype, width, height, scaled = file_content.shown_image(large, 50000)
            self.assertLessEqual(len(data), 50000)
            self.assertEqual((mimetype, scaled), ("image/jpeg", True), kind)
            self.assertAlmostEqual(width / height, 1.5, delta=0.02)
            self.assertEqual(Image.open(io.BytesIO(data)).size, (width, height))
        self.assertTrue(file_content.shown_image(image(900, 600, mode="RGBA"), 50000)[4])
        # What no client shows becomes what it does.
        self.assertEqual(file_content.shown_image(image(30, 20, "BMP"), 100000)[1], "image/jpeg")
        self.assertEqual(file_content.shown_image(WEBP, 1000), (WEBP, "image/webp", 1, 1, False))
        self.assertIsNone(file_content.shown_image(WEBP, 10))
        for wrong in (b"", b"no image", small[:80], b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"):
            self.assertIsNone(file_content.shown_image(wrong, 100000), wrong[:10])

    def test_too_many_pixels_are_not_decoded(self):
        for width, height in ((8000, 7000), (40000, 40000)):
            small = image(1, 1)
            head = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + small[24:29]
            huge = small[:12] + head + zlib.crc32(head).to_bytes(4, "big") + small[33:]
            with self.assertRaises(file_content.TooManyPixels):
                file_content.shown_image(huge, 100000)
            with self.assertRaises(UserError):
                self.attach("a.png", huge)

    def test_a_file_is_attached_and_read(self):
        file = self.attach("a.txt", b"hello")
        self.assertEqual((file["name"], file["mimetype"], file["size"]), ("a.txt", "text/plain", 5))
        self.assertEqual((file["model"], file["record_id"]), ("res.partner", self.partner.id))
        attachment = self.env["ir.attachment"].browse(file["id"])
        self.assertEqual(attachment.create_uid, self.user)
        self.assertEqual(self.shown(file), {"file": file, "text": "hello", "length": 5})
        self.assertEqual(self.shown(file, offset=1, most_characters=2)["text"], "el")
        self.assertEqual(self.shown(file, offset=9)["text"], "")
        shown = self.shown(self.attach("a.png", image(30, 20)))
        self.assertEqual((shown["image_type"], shown["width"], shown["note"]), ("image/png", 30, None))
        self.assertIn("cannot be shown", self.shown(self.attach("a.zip", b"PK\3\4"))["note"])

    def test_the_domains_of_the_policy_hold(self):
        file = self.attach("a.txt", b"hello")
        with self.assertRaises(AccessError):
            self.shown(file, only=[["res_model", "=", "res.users"]])
        with self.assertRaises(AccessError):
            self.attach("a.txt", b"hello", only=[["name", "=", "another"]])
        with self.assertRaises(AccessError):
            self.attach("a.txt", b"hello", attachment_only=[["name", "=", "b.txt"]])
        with self.assertRaises(MissingError):
            self.tools._tool_attach_file("res.partner", 2**31 - 1, "a.txt", "eA==")

    def test_what_is_no_pdf_has_no_text(self):
        for wrong in (b"", b"nothing", b"%PDF-1.4\n%nothing"):
            self.assertIsNone(pdf_text.extracted(wrong))

    def test_reports_are_printed_as_the_user(self):
        reports = self.env["ir.actions.report"]
        view = self.env["ir.ui.view"].create(
            {
                "name": "mcp",
                "type": "qweb",
                "key": "odoo_mcp.test_report",
                "arch": '<t t-name="x"><div><t t-foreach="docs" t-as="one"><p t-esc="one.name"/></t>'
                '<img src="data:image/png;base64,AAAA"/></div></t>',
            }
        )
        values = {"name": "MCP", "model": "res.partner", "report_type": "qweb-pdf", "report_name": view.key}
        kept = reports.create(values)

        def render(**more):
            arguments = {"ids": self.partner.ids, "most_bytes": 10, **more}
            return self.tools._tool_render_report("res.partner", **arguments)

        self.assertIn({"report": view.key, "name": "MCP"}, render()["reports"])
        made = render(report=view.key)["html"]
        self.assertIn("<p>MCP files</p>", made)
        # A picture within does not travel along.
        self.assertIn('<img src=""', made)
        with self.assertRaises(AccessError):
            render(report=view.key, only=[["name", "=", "another"]])
        with self.assertRaises(MissingError):
            render(report=view.key, ids=[2**31 - 1])
        kept[compat.ACTION_GROUPS_FIELD] = self.env.ref("base.group_system")
        self.assertNotIn(view.key, [one["report"] for one in render()["reports"]])
        with self.assertRaises(UserError):
            render(report=view.key)

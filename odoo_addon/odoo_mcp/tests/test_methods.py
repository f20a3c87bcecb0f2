# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..execution.errors import BadArguments, NoMethod, PrivateMethod, describe

# A PNG image of one pixel.
PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    b"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestToolMethods(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "mcp_methods", "base.group_user,base.group_partner_manager")
        cls.tools = cls.env["mcp.tool"].with_user(cls.user)
        cls.partners = cls.env["res.partner"].create([{"name": f"MCP {number}", "ref": "mcp"} for number in range(5)])
        cls.domain = [["ref", "=", "mcp"]]
        cls.absent = max(cls.env["res.partner"].with_context(active_test=False).search([]).ids) + 1000

    def search(self, **arguments):
        return self.tools._tool_search("res.partner", self.domain, ["id", "name"], order="name", **arguments)

    def test_search_and_its_total(self):
        whole = self.search()
        self.assertEqual([row["name"] for row in whole["records"]], [f"MCP {number}" for number in range(5)])
        self.assertEqual(whole["total"], 5)
        self.assertEqual(self.search(limit=2)["total"], 5)
        self.assertEqual(self.search(limit=2, offset=4)["total"], 5)
        self.assertEqual(self.search(limit=2, offset=40)["total"], 5)
        self.assertEqual(len(self.search(limit=2, offset=4)["records"]), 1)

    def test_optional_fields_are_dropped_when_not_readable(self):
        users = self.env["res.users"]
        restricted = [name for name in users._fields if users._fields[name].groups == "base.group_system"][:1]
        wanted = ["id", "login", *restricted]
        result = self.tools._tool_read("res.users", [self.user.id], wanted, optional_fields=True)
        self.assertEqual(result["fields"], ["id", "login"])
        self.assertEqual(set(result["records"][0]), {"id", "login"})
        if restricted:
            with self.assertRaises(AccessError):
                self.tools._tool_read("res.users", [self.env.ref("base.user_admin").id], wanted)

    def test_read_names_what_is_missing(self):
        result = self.tools._tool_read("res.partner", [self.partners[0].id, self.absent], ["name"])
        self.assertEqual(result["missing"], [self.absent])
        self.assertEqual(result["records"], [{"id": self.partners[0].id, "name": "MCP 0"}])

    def test_files_are_told_by_size_and_given_when_asked(self):
        partner = self.partners[0]
        partner.image_1920 = PIXEL
        stored = self.env["ir.attachment"].search(
            [("res_model", "=", "res.partner"), ("res_field", "=", "image_1920"), ("res_id", "=", partner.id)]
        )
        told = {"size": stored.file_size, "mimetype": "image/png"}

        def image(**arguments):
            return self.tools._tool_read("res.partner", partner.ids, ["image_1920"], **arguments)["records"][0]

        self.assertEqual(image()["image_1920"], told)
        self.assertEqual(image(whole=True, most_bytes=10)["image_1920"], told)
        whole = image(whole=True, most_bytes=10_000)["image_1920"]
        self.assertTrue(whole.pop("base64").startswith("iVBOR"))
        self.assertEqual(whole, told)
        two = [("id", "in", self.partners[:2].ids)]
        found = self.tools._tool_search("res.partner", two, ["image_1920"], order="id")
        self.assertEqual([row["image_1920"] for row in found["records"]], [told, False])

    def test_an_attachments_file(self):
        values = {"name": "a.txt", "raw": b"AAAA", "res_model": "res.partner", "res_id": self.partners[0].id}
        attachment = self.env["ir.attachment"].create(values)
        told = {"size": 4, "mimetype": "text/plain"}

        def files(**arguments):
            return self.tools._tool_read("ir.attachment", attachment.ids, ["datas", "raw"], **arguments)["records"][0]

        self.assertEqual(files(), {"id": attachment.id, "datas": told, "raw": told})
        encoded = {**told, "base64": "QUFBQQ=="}
        self.assertEqual(files(whole=True, most_bytes=100), {"id": attachment.id, "datas": encoded, "raw": encoded})

    def test_pages_by_keyset(self):
        terms = [["name", True, True], ["id", False, False]]
        first = self.search(limit=2)
        self.assertTrue(first["more"])
        self.assertEqual(first["keys"], {})
        pages, after = [], None
        while True:
            found = self.tools._tool_search(
                "res.partner", self.domain, ["name"], order="name desc, id", limit=2, keyset=terms, after=after
            )
            self.assertEqual(found["total"], 5)
            pages.append([row["name"] for row in found["records"]])
            if not found["more"]:
                break
            ((last, after),) = found["keys"].items()
            self.assertEqual(last, str(found["records"][-1]["id"]))
        self.assertEqual(pages, [["MCP 4", "MCP 3"], ["MCP 2", "MCP 1"], ["MCP 0"]])

    def test_where_the_model_searches_by_itself_there_are_no_keys(self):
        terms = [["id", False, False]]
        found = self.tools._tool_search("mail.message", [], ["id"], order="id", limit=1, keyset=terms)
        self.assertEqual(found["keys"], {})
        with self.assertRaises(UserError):
            self.tools._tool_search("mail.message", [], ["id"], limit=2, keyset=terms, after=["5"])

    def test_groups(self):
        parent = self.partners[0]
        self.partners[1:3].parent_id = parent

        def groups(groupby, measures, **more):
            return self.tools._tool_aggregate("res.partner", self.domain, groupby, measures, **more)["records"]

        self.assertEqual(
            groups(["parent_id"], ["id:min", "__count"]),
            [
                {"parent_id": (parent.id, "MCP 0"), "id:min": self.partners[1].id, "__count": 2},
                {"parent_id": False, "id:min": parent.id, "__count": 3},
            ],
        )
        self.assertEqual(groups(["id"], [], limit=1, order="id desc"), [{"id": self.partners[4].id}])
        self.assertEqual(len(groups(["parent_id"], ["__count"], having=[["__count", ">", 2]])), 1)
        # Records out of reach keep their group and lose their name.
        bounds = {"parent_id": [["id", "!=", parent.id]]}
        self.assertEqual(groups(["parent_id"], [], bounds=bounds)[0], {"parent_id": (parent.id, None)})

    def test_what_odoo_cannot_group_is_told_in_the_given_words(self):
        for groupby, measures, spec in ((["tz_offset"], [], "tz_offset"), ([], ["tz_offset:max"], "tz_offset:max")):
            with self.assertRaisesRegex(BadArguments, "These words"):
                unsure = {"id:max": "Not these", spec: "These words"}
                self.tools._tool_aggregate("res.partner", [], groupby, measures, unsure=unsure)
            with self.assertRaises(ValueError):
                self.tools._tool_aggregate("res.partner", [], groupby, measures, unsure={"id:max": "Not these"})

    def test_names_of_what_is_to_be_confirmed(self):
        confirmation = self.tools._tool_confirmation
        self.assertEqual(confirmation(), {"names": []})
        ids = self.partners.ids
        self.assertEqual(confirmation("res.partner", ids, most=2), {"names": ["MCP 0", "MCP 1"]})
        with self.assertRaises(MissingError):
            confirmation("res.partner", [*ids, self.absent], most=2)
        with self.assertRaises(AccessError):
            confirmation("res.partner", ids, only=[["id", "!=", ids[4]]], most=2)
        # Of a model that the user may not read nothing is told, not even what there is.
        parameters = self.env["ir.config_parameter"].search([], limit=1)
        self.assertEqual(confirmation("ir.config_parameter", [*parameters.ids, 0], most=2), {"names": []})
        # A record that a rule hides has no name.
        rule = {"name": "MCP", "model_id": self.env["ir.model"]._get("res.partner").id}
        self.env["ir.rule"].create({**rule, "domain_force": f"[('id', '!=', {ids[0]})]"})
        self.assertEqual(confirmation("res.partner", ids, most=2), {"names": [None, "MCP 1"]})

    def test_create_write_unlink(self):
        created = self.tools._tool_create("res.partner", [{"name": "New"}, {"name": "Newer"}])
        self.assertEqual(created["names"], ["New", "Newer"])
        ids = created["ids"]
        self.assertEqual(self.tools._tool_write("res.partner", ids, {"ref": "x"}), {"ids": ids})
        self.assertEqual(self.env["res.partner"].browse(ids).mapped("ref"), ["x", "x"])
        self.assertEqual(self.tools._tool_unlink("res.partner", ids), {"ids": ids})
        self.assertFalse(self.env["res.partner"].browse(ids).exists())

    def test_each_run_of_records_gets_its_values(self):
        ids = self.partners[:3].ids
        values = [{"ref": "a"}, {"ref": "b"}]
        self.assertEqual(self.tools._tool_write("res.partner", ids, values, runs=[2, 1]), {"ids": ids})
        self.assertEqual(self.partners[:3].mapped("ref"), ["a", "a", "b"])

    def test_which_of_several_is_refused(self):
        partners = self.partners
        # Nobody is in their own family.
        loop = [{"parent_id": partners[1].id}, {"parent_id": partners[0].id}]
        with self.assertRaises(UserError) as caught:
            self.tools._tool_write("res.partner", partners[:2].ids, loop, runs=[1, 1])
        self.assertEqual(describe(caught.exception)["place"], "values[1]")
        with self.assertRaises(UserError) as caught:
            self.tools._tool_create("res.partner", [{"name": "a"}, {"name": "b"}], only=[("name", "=", "a")])
        self.assertEqual(describe(caught.exception)["place"], "values[1]")

    def test_nothing_is_changed_when_a_record_is_missing(self):
        ids = [self.partners[0].id, self.absent]
        with self.assertRaises(MissingError):
            self.tools._tool_write("res.partner", ids, {"ref": "x"})
        with self.assertRaises(MissingError):
            self.tools._tool_unlink("res.partner", ids)
        self.assertEqual(self.partners[0].ref, "mcp")

    def test_odoo_decides(self):
        with self.assertRaises(AccessError):
            self.tools._tool_write("res.users", [self.env.ref("base.user_admin").id], {"login": "x"})
        with self.assertRaises(AccessError):
            self.tools._tool_search("ir.config_parameter", [], ["key"])

    def test_method_call(self):
        call = self.tools._tool_method_call
        call("res.partner", "action_archive", ids=self.partners[0].ids)
        self.assertFalse(self.partners[0].active)
        self.assertEqual(call("res.partner", "name_create", args=["Named"])["result"][1], "Named")
        with self.assertRaises(PrivateMethod):
            call("res.partner", "_compute_display_name", ids=self.partners.ids)
        with self.assertRaises(NoMethod):
            call("res.partner", "no_such_method", ids=self.partners.ids)
        with self.assertRaises(BadArguments):
            call("res.partner", "action_archive", ids=self.partners.ids, kwargs={"no_such_argument": 1})
        with self.assertRaises(BadArguments):
            call("res.partner", "name_create", ids=self.partners.ids, args=["x"])
        with self.assertRaises(MissingError):
            call("res.partner", "action_archive", ids=[self.absent])
        with self.assertRaises(UserError):
            call("no.such.model", "exists")

    def test_describe_count_defaults_companies(self):
        described = self.tools._tool_describe_model("res.partner", ["name"])
        self.assertEqual(described["model"], "res.partner")
        self.assertEqual(described["fields"]["name"]["type"], "char")
        self.assertEqual(self.tools._tool_count("res.partner", self.domain), {"count": 5})
        self.assertEqual(
            self.tools._tool_default_get("res.partner", ["type"]), {"values": {"type": "contact"}, "datetimes": []}
        )
        companies = self.tools._tool_list_companies()["records"]
        self.assertEqual([row["id"] for row in companies if row["default"]], self.user.company_id.ids)
        self.assertEqual(sorted(row["id"] for row in companies), sorted(self.user.company_ids.ids))

    def test_list_modules(self):
        found = self.env["mcp.tool"]._tool_list_modules([["name", "=", "odoo_mcp"]])
        self.assertEqual(found["total"], 1)
        self.assertEqual(found["records"][0]["state"], "installed")

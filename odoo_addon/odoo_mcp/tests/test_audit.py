# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..execution.changes import Watch
from ..models.mcp_audit_log import _change_lines


@tagged("post_install", "-at_install")
class TestAudit(TransactionCase):
    def test_changes_are_told_line_by_line(self):
        self.assertEqual(
            _change_lines({"before": {"7": {"name": "A", "amount": 1}}, "after": {"7": {"name": "B", "amount": 1}}}),
            ['7 name: "A" → "B"', "7 amount: 1 → 1"],
        )
        self.assertEqual(_change_lines({"after": {"8": {"name": "new"}}}), ['8 name: (new) → "new"'])
        self.assertEqual(_change_lines({"before": {"9": {"name": "old"}}}), ['9 name: "old" → (deleted)'])
        # What was cut is shown as it is.
        self.assertEqual(_change_lines({"before": "…[9 keys]"}), ['{\n  "before": "…[9 keys]"\n}'])
        self.assertEqual(_change_lines({"before": {"7": "…"}, "after": {"7": {"a": 1}}}), ["7: … → {'a': 1}"])

    def test_a_change_is_watched_as_the_core_asks(self):
        partner = self.env["res.partner"].create({"name": "Before", "image_1920": False})
        wanted = {
            "operation": "write",
            "model": "res.partner",
            "ids": partner.ids,
            "fields": ["name", "no_such"],
            "most": 9,
        }
        watch = Watch(self.env, wanted)
        watch.before()
        partner.name = "After"
        partner.flush_recordset()
        watch.after({"ids": partner.ids})
        self.assertEqual(
            watch.outcome(),
            {"changes": {"before": {partner.id: {"name": "Before"}}, "after": {partner.id: {"name": "After"}}}},
        )
        nothing = Watch(self.env, None)
        nothing.before()
        nothing.after({})
        self.assertEqual(nothing.outcome(), {})

    def test_new_records_beyond_the_most_are_counted(self):
        partners = self.env["res.partner"].create([{"name": f"New {number}"} for number in range(3)])
        watch = Watch(
            self.env, {"operation": "create", "model": "res.partner", "ids": [], "fields": ["name"], "most": 2}
        )
        watch.before()
        watch.after({"ids": partners.ids})
        seen = watch.outcome()["changes"]
        self.assertEqual((list(seen["after"]), seen["left_out"]), (partners[:2].ids, 1))

    def test_the_history_is_an_action_of_every_model_for_users_of_mcp(self):
        user = new_test_user(self.env, "history", groups="base.group_user,odoo_mcp.group_mcp_user")
        nobody = new_test_user(self.env, "no.history", groups="base.group_user")

        def actions(model, who):
            bindings = self.env["ir.actions.actions"].with_user(who).get_bindings(model)
            return [action for action in bindings.get("action", []) if action["name"] == "MCP History"]

        for model in ("res.partner", "res.country"):
            (action,) = actions(model, user)
            self.assertEqual(action["binding_view_types"], "form")
            self.assertFalse(actions(model, nobody))
        self.assertFalse(actions("mcp.audit.log", user))
        self.assertFalse(actions("res.config.settings", user))

    def test_a_record_is_named_by_its_model_and_id(self):
        log = self.env["mcp.audit.log"]
        self.assertFalse(log.search([("record", "=", "res.partner,2000000000")]))
        for wrong in ("res.partner", "res.partner,x", "res.partner,7;8"):
            with self.assertRaises(UserError):
                log.search([("record", "=", wrong)])

    def test_seals_are_for_administrators_and_nobody_writes_them(self):
        user = new_test_user(self.env, "no.seals", groups="base.group_user,odoo_mcp.group_mcp_user")
        seals = self.env["mcp.audit.seal"]
        for forbidden in (
            lambda: seals.with_user(user).search([]),
            lambda: seals.with_user(user).action_verify(),
            lambda: seals.create({"mac": "x"}),
            lambda: seals.browse(1).write({"mac": "x"}),
        ):
            with self.assertRaises(AccessError):
                forbidden()

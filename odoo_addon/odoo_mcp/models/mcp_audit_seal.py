# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from .. import compat


class McpAuditSeal(models.Model):
    """A sealed range of the audit log, written by the database core into a table of ``schema.sql``."""

    _name = "mcp.audit.seal"
    _description = "MCP Audit Seal"
    _auto = False
    _order = "id desc"
    _rec_name = "mac"

    create_date = fields.Datetime("Sealed", readonly=True)
    first_id = fields.Integer("First Row", readonly=True, help="The first row after the last row of the previous seal.")
    last_id = fields.Integer("Last Row", readonly=True)
    row_count = fields.Integer(
        "Rows",
        readonly=True,
        help="Number of sealed rows. It is smaller than the number of ids from the first to the last row if calls were "
        "rolled back.",
    )
    newest = fields.Datetime("Newest Row", readonly=True, help="The time of the newest row in this seal.")
    digest = fields.Char(readonly=True, help="SHA-256 hash of the ids and HMACs of the rows.")
    previous = fields.Char("Previous Head", readonly=True, help="The head of the previous seal.")
    mac = fields.Char(
        "Head", readonly=True, help="HMAC of this seal and the previous one. The PostgreSQL server also logs it."
    )
    since = fields.Integer(
        "Copied Up to Row",
        readonly=True,
        help="Only in a copy of a database. The rows up to this one were copied, and the copied seals verify them.",
    )
    retired_at = fields.Datetime(
        "Rows Deleted On", readonly=True, help="The time when retention deleted the rows of this seal."
    )

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise self._read_only_error()

    def write(self, vals):  # pylint: disable=method-required-super
        raise self._read_only_error()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise self._read_only_error()

    def _read_only_error(self):
        return AccessError(_("Only the database writes the seals of the MCP audit log. Nobody can change them."))

    def action_verify(self):
        """Verify the whole audit log and show the core's report. For MCP administrators."""
        compat.check_model_access(self, "read")
        self.env.cr.execute("SELECT public.mcp_audit_verify()")
        said = self.env.cr.fetchone()[0]
        if isinstance(said, str):
            said = json.loads(said)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": _("The audit log is intact") if said["ok"] else _("The audit log was tampered with"),
                "message": self._verified_text(said),
                "type": "success" if said["ok"] else "danger",
                "sticky": True,
            },
        }

    @api.model
    def _verified_text(self, said):
        counts = _(
            "Verified rows: %(rows)s (not sealed yet: %(unsealed)s). Verified seals: %(seals)s. Rows deleted by "
            "retention: %(retired)s.",
            rows=said["rows"],
            unsealed=said["unsealed"],
            seals=said["seals"],
            retired=said["rows_retired"],
        )
        if said["ok"]:
            return counts
        names = {"altered": _("altered"), "missing": _("missing"), "inserted": _("inserted")}
        what = names.get(said["what"], said["what"])
        if "id" in said:
            found = _("Row %(id)s is %(what)s: %(detail)s.", id=said["id"], what=what, detail=said["detail"])
        else:
            found = _("Seal %(seal)s is %(what)s: %(detail)s.", seal=said["seal"], what=what, detail=said["detail"])
        return f"{found} {counts}"

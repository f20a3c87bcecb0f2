# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

# Maximum number of the owner's calls to search for the latest one with a key, by an index.
LATEST_CALLS = 2000


class ResUsersApikeys(models.Model):
    _inherit = "res.users.apikeys"

    mcp_scope_ids = fields.One2many("mcp.key.scope", "api_key_id", string="MCP Scope", groups="odoo_mcp.group_mcp_user")
    mcp_last_used = fields.Datetime(
        "Last MCP Use",
        compute="_compute_mcp_last_used",
        groups="odoo_mcp.group_mcp_user",
        help=f"The time of the key's latest call to /mcp, among the latest {LATEST_CALLS} calls of its owner.",
    )

    def _compute_mcp_last_used(self):
        self.env.cr.execute(
            """
            SELECT k.id, used.create_date
            FROM public.res_users_apikeys k
            CROSS JOIN LATERAL (
                SELECT latest.create_date
                FROM (SELECT a.id, a.create_date, a.api_key_id FROM public.mcp_audit_log a
                      WHERE a.user_id = k.user_id ORDER BY a.id DESC LIMIT %s) latest
                WHERE latest.api_key_id = k.id
                ORDER BY latest.id DESC LIMIT 1
            ) used
            WHERE k.id = ANY(%s)
            """,
            (LATEST_CALLS, self.ids),
        )
        used = dict(self.env.cr.fetchall())
        for key in self:
            key.mcp_last_used = used.get(key.id, False)

    def unlink(self):
        """Delete keys; the database deletes their scopes, whose cache entries are cleared here."""
        done = super().unlink()
        self.env["mcp.key.scope"].invalidate_model()
        self.env["mcp.key.scope.line"].invalidate_model()
        return done

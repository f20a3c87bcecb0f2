# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tools were never brought up to date before: now those are that nobody has changed since they were installed."""

from odoo import SUPERUSER_ID


def migrate(cr, version):
    """Odoo calls this before it loads the data of the new version."""
    cr.execute(
        "UPDATE ir_model_data d SET noupdate = false FROM mcp_tool t"
        " WHERE d.module = 'odoo_mcp' AND d.model = 'mcp.tool' AND d.res_id = t.id AND t.write_uid = %s",
        (SUPERUSER_ID,),
    )

# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lets updates overwrite the shipped tools that nobody has changed since the installation.

Earlier versions never updated shipped tools.
"""

from odoo import SUPERUSER_ID


def migrate(cr, version):
    """Run before Odoo loads the data of the new version."""
    cr.execute(
        "UPDATE ir_model_data d SET noupdate = false FROM mcp_tool t"
        " WHERE d.module = 'odoo_mcp' AND d.model = 'mcp.tool' AND d.res_id = t.id AND t.write_uid = %s",
        (SUPERUSER_ID,),
    )

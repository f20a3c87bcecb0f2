# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class McpAccessClosed(models.Model):
    """Models that are closed to MCP unless an access record opens them, as the database core reports."""

    _name = "mcp.access.closed"
    _description = "MCP Closed Model"
    _auto = False
    _order = "model"
    _rec_name = "label"
    _table_query = """
        SELECT m.id, c.model, c.label, c.reason, c.read AS closed_for_reading, c.opened
        FROM pg_catalog.jsonb_to_recordset(public.mcp_closed_models())
             AS c (model varchar, label varchar, reason varchar, read boolean, opened boolean)
        JOIN public.ir_model m ON m.model = c.model
    """

    label = fields.Char("Model", readonly=True)
    model = fields.Char("Technical Name", readonly=True)
    reason = fields.Char(readonly=True, help="Why the model is closed.")
    closed_for_reading = fields.Boolean(
        "Closed for Reading",
        readonly=True,
        help="If this is not set, clients can read records. MCP refuses only changes and method calls.",
    )
    opened = fields.Boolean(readonly=True, help="An access record opens this model for the operations that it allows.")

# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from .. import compat


class McpStatCall(models.Model):
    """Statistics of the calls: the view ``mcp_stat_calls`` of ``schema.sql``, with an id for each row."""

    _name = "mcp.stat.call"
    _description = "MCP Statistics"
    _auto = False
    _order = "day desc, id"
    _rec_name = "tool"
    _table_query = """
        SELECT s.*,
               pg_catalog.row_number() OVER (ORDER BY s.day, s.method, s.tool, s.model, s.user_id, s.api_key_id) AS id
        FROM public.mcp_stat_calls s
    """

    day = fields.Datetime(readonly=True, help="Day of the calls, in UTC.")
    method = fields.Char(readonly=True, help="JSON-RPC method")
    tool = fields.Char(readonly=True)
    model = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", readonly=True)
    api_key_id = fields.Integer("API Key ID", readonly=True, **{compat.AGGREGATOR: None})
    api_key_name = fields.Char("API Key", readonly=True)
    path = fields.Selection(
        [("core", "Database"), ("orm", "Odoo")],
        "Answered By",
        readonly=True,
        help="The component that answered the calls.",
    )
    calls = fields.Integer(readonly=True)
    errors = fields.Integer(readonly=True, help="Calls that failed or had invalid arguments.")
    denied = fields.Integer(readonly=True, help="Calls that Odoo, the MCP policy or a limit refused.")
    rows = fields.Integer(readonly=True, help="Number of records in the answers.")
    bytes = fields.Integer(readonly=True, help="Size of the answers in bytes.")
    total_ms = fields.Float("Time (ms)", readonly=True)
    mean_ms = fields.Float("Mean Time (ms)", readonly=True, **{compat.AGGREGATOR: "avg"})
    p95_ms = fields.Float(
        "95th Percentile (ms)",
        readonly=True,
        help="95% of the calls took at most this time.",
        **{compat.AGGREGATOR: "max"},
    )
    max_ms = fields.Float("Longest (ms)", readonly=True, **{compat.AGGREGATOR: "max"})

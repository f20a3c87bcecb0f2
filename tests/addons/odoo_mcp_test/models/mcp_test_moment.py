# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import datetime

from odoo import api, fields, models
from odoo.exceptions import ValidationError

NOON = datetime.datetime(2026, 7, 1, 12)


class McpTestMoment(models.Model):
    """Times in every possible place, and a name in several languages."""

    _name = "mcp.test.moment"
    _description = "MCP Test Moment"

    name = fields.Char(required=True, translate=True)
    at = fields.Datetime(default=NOON)
    day = fields.Date()
    kind = fields.Selection([("one", "One"), ("two", "Two")])
    line_ids = fields.One2many(
        "mcp.test.moment.line", "moment_id", default=lambda self: [(0, 0, {"name": "first", "at": NOON})]
    )
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    amount = fields.Float(company_dependent=True)

    @api.constrains("name")
    def _check_name(self):
        for moment in self:
            if moment.name == "refused":
                raise ValidationError("This name is refused.")

    @api.model
    def tell(self, *args, **kwargs):
        """Returns its arguments, and times of each kind."""
        summer = datetime.timezone(datetime.timedelta(hours=2))
        return {
            "args": list(args),
            "kwargs": kwargs,
            "datetime": NOON,
            "aware": NOON.replace(tzinfo=summer),
            "date": NOON.date(),
            "text": "2026-07-01 12:00:00",
            "nested": [{"at": [NOON]}],
            "company": self.env.company.id,
            "companies": self.env.companies.ids,
            "lang": self.env.lang,
        }

    def write(self, vals):
        """Records its calls."""
        self.env["mcp.test.moment.line"].create({"name": f"write {sorted(vals)} to {len(self)}", "at": False})
        return super().write(vals)


class McpTestMomentLine(models.Model):
    _name = "mcp.test.moment.line"
    _description = "MCP Test Moment Line"

    name = fields.Char()
    at = fields.Datetime()
    moment_id = fields.Many2one("mcp.test.moment", ondelete="cascade")

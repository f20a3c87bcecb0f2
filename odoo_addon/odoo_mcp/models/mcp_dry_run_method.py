# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError


class McpDryRunMethod(models.Model):
    """A method that supports a dry run. Names are texts, so that the record outlives the app of the model."""

    _name = "mcp.dry.run.method"
    _inherit = "mcp.guarded.mixin"
    _description = "MCP Dry Run"
    _order = "model, method"
    _rec_name = "method"

    model = fields.Char(required=True, index=True, help="Technical name of the model, such as sale.order.")
    method = fields.Char(required=True, help="Name of a public method of its records, such as action_confirm.")
    note = fields.Char(help="The effect of the method, or the reason why a dry run of it is safe.")
    active = fields.Boolean(default=True, help="If this is not set, clients cannot run the method as a dry run.")

    def init(self):
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS mcp_dry_run_method_uniq ON mcp_dry_run_method (model, method)"
        )

    @api.constrains("model", "method")
    def _check_names(self):
        for line in self:
            twins = self.with_context(active_test=False).search_count(
                [("model", "=", line.model), ("method", "=", line.method)]
            )
            if twins > 1:
                raise ValidationError(
                    _("The list already has the method %(method)s of %(model)s.", method=line.method, model=line.model)
                )
            if line.method.startswith("_") or not line.method.isidentifier():
                raise ValidationError(_("%s is not the name of a public method.", line.method))
            if line.model in self.env and not callable(getattr(type(self.env[line.model]), line.method, None)):
                raise ValidationError(
                    _("The model %(model)s has no method %(method)s.", model=line.model, method=line.method)
                )

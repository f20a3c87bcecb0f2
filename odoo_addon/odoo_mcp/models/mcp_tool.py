# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
import re

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from .. import core
from ..execution.executor import METHOD_PREFIX
from ..facts import registry_facts
from ..schema import watch_catalogue

_logger = logging.getLogger(__name__)

TOOL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
NO_PARAMETERS = '{"type": "object", "properties": {}, "additionalProperties": false}'

# Context key during the load of a data file.
LOADING = "mcp_loading"
# Fields that no data file of this app sets.
NOT_SHIPPED = {"active", "group_ids"}


class McpTool(models.Model):
    """A tool for AI clients: a name, a description, a JSON Schema, and the implementing method."""

    _name = "mcp.tool"
    _inherit = "mcp.guarded.mixin"
    _description = "MCP Tool"
    _order = "sequence, name, id"

    name = fields.Char(
        required=True,
        copy=False,
        help="The name that clients use to call the tool. It can have at most 64 letters, digits, underscores, dots "
        "and hyphens.",
    )
    title = fields.Char(help="The name that clients show to people.")
    description = fields.Text(
        required=True,
        help="The text tells the AI model what the tool does, what it returns and how to call it.",
    )
    category = fields.Selection(
        [
            ("records", "Records"),
            ("schema", "Schema"),
            ("system", "System"),
            ("custom", "Custom"),
        ],
        default="custom",
        required=True,
    )
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True)
    parameters = fields.Text(
        required=True,
        default=NO_PARAMETERS,
        help="JSON Schema of the arguments. Its root must have the type object. MCP refuses arguments that do not "
        "match the schema.",
    )
    output_schema = fields.Text(help="JSON Schema of the structured result. It is optional.")
    method = fields.Char(
        required=True,
        default="_tool_server_action",
        help="Method of the model mcp.tool that implements the tool. Its name starts with _tool_.",
    )
    server_action_id = fields.Many2one(
        "ir.actions.server",
        ondelete="restrict",
        help="The method _tool_server_action runs this server action. The context key mcp_arguments has the arguments "
        "of the call.",
    )
    group_ids = fields.Many2many(
        "res.groups",
        "mcp_tool_group_rel",
        "tool_id",
        "group_id",
        string="Groups",
        # Removing the last group must fail: without groups it is open to everybody.
        ondelete="restrict",
        help="Only members of these groups can see and call the tool. Leave it empty to allow all MCP users.",
    )
    read_only_hint = fields.Boolean("Read-only", help="This hint tells clients that the tool changes no data.")
    destructive_hint = fields.Boolean(
        "Destructive", help="This hint tells clients that the tool can overwrite or delete data."
    )
    idempotent_hint = fields.Boolean(
        "Idempotent", help="This hint tells clients that a repeated call with the same arguments has no further effect."
    )
    open_world_hint = fields.Boolean(
        "Open World", help="This hint tells clients that the tool accesses systems outside this Odoo database."
    )
    commits = fields.Boolean(
        "May Commit",
        help="The method can commit its transaction before it ends. Otherwise MCP refuses a method that commits.",
    )

    def _register_hook(self):
        super()._register_hook()
        registry_facts.export(self.env)

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS mcp_tool_name_uniq ON mcp_tool (name)")
        watch_catalogue(self.env.cr)

    @api.model_create_multi
    def create(self, vals_list):
        names = [vals["name"] for vals in vals_list if vals.get("name")]
        self._refuse_twins(names)
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("name"):
            self._refuse_twins([vals["name"]] * len(self))
        if not self.env.context.get(LOADING) and set(vals) - NOT_SHIPPED:
            self._keep_from_updates()
        return super().write(vals)

    def _load_records_write(self, values):
        return super(McpTool, self.with_context(**{LOADING: True}))._load_records_write(values)

    def _keep_from_updates(self):
        """Protect tools that somebody has changed: an update of this app overwrites only the other shipped tools."""
        data = self.env["ir.model.data"].sudo()
        data.search(
            [("model", "=", self._name), ("res_id", "in", self.ids), ("noupdate", "=", False)]
        ).noupdate = True

    @api.ondelete(at_uninstall=False)
    def _unlink_from_scopes(self):
        """Close the keys that may use only these tools: with an empty list they could use all."""
        scopes = self.env["mcp.key.scope"].sudo().with_context(active_test=False)
        for scope in scopes.search([("tool_ids", "in", self.ids)]):
            if scope.tool_ids <= self:
                scope.active = False
                _logger.warning("MCP API key scope #%s is archived: its tools are deleted.", scope.id)

    def _refuse_twins(self, names):
        """Report a violation of the unique index to the administrator."""
        others = self.with_context(active_test=False).search([("name", "in", names), ("id", "not in", self.ids)])
        taken = others.mapped("name") + [name for name in names if names.count(name) > 1]
        if taken:
            raise ValidationError(_("A tool named %s already exists. It may be archived.", taken[0]))

    @api.constrains("name")
    def _check_name(self):
        for tool in self:
            if not TOOL_NAME.fullmatch(tool.name or ""):
                raise ValidationError(
                    _(
                        "%s is not a valid tool name. Use 1 to 64 letters, digits, underscores, dots and hyphens.",
                        tool.name,
                    )
                )

    @api.constrains("parameters", "output_schema")
    def _check_schemas(self):
        for tool in self:
            parameters = tool._check_object_schema(_("Parameters"), tool.parameters)
            problem = core.validate(self.env.cr, "tool_schema", parameters).get("problem")
            if problem:
                raise ValidationError(_("Parameters: %(problem)s.", problem=problem))
            if tool.output_schema:
                tool._check_object_schema(_("Output Schema"), tool.output_schema)

    @api.constrains("method", "server_action_id")
    def _check_method(self):
        for tool in self:
            name = tool.method or ""
            if not name.startswith(METHOD_PREFIX) or not callable(getattr(type(tool), name, None)):
                raise ValidationError(
                    _("%s is not a method of the model mcp.tool with a name that starts with _tool_.", tool.method)
                )
            if name == "_tool_server_action" and not tool.server_action_id:
                raise ValidationError(_("Select a server action for the tool %s.", tool.name))

    def _check_object_schema(self, label, text):
        """Refuse a text that cannot be a JSON Schema of an object; the core checks the rest."""
        try:
            schema = json.loads(text or "")
        except ValueError as error:
            raise ValidationError(
                _("%(label)s: the text is not valid JSON (%(error)s).", label=label, error=error)
            ) from error
        if not isinstance(schema, dict) or schema.get("type") != "object":
            raise ValidationError(
                _('%s: the root of the JSON Schema must have "type": "object".', label)
            )
        if not isinstance(schema.get("properties", {}), dict):
            raise ValidationError(_('%s: "properties" must be an object.', label))
        return schema

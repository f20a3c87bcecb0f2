# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import binascii
import re

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.mimetypes import guess_mimetype

from .. import core
from ..execution.executor import METHOD_PREFIXES
from ..schema import watch_catalogue

METHOD_PREFIX = METHOD_PREFIXES["mcp.resource"]
# Methods with the prefix that serve the core, not an author.
OWN_METHODS = ("_resource_call", "_resource_complete")
_TOKEN = r"[A-Za-z0-9!#$&^_.+-]+"
MIME_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}(\s*;\s*{_TOKEN}=({_TOKEN}|\"[^\"\\\r\n]*\"))*")
MOST_KB = 20_000
# Variables that the address of each kind must contain; that of a method may contain any.
VARIABLES = {
    "text": [],
    "binary": [],
    "system": [],
    "models": [],
    "schema": ["model"],
    "access": ["model"],
    "modules": [],
    "module": ["module"],
    "record": ["model", "id"],
    "value": ["model", "id", "field"],
}
JSON_KINDS = ("system", "models", "schema", "access", "modules", "module", "record")


class McpResource(models.Model):
    """A resource that AI clients can read under an address: a text, a file, a record's field, or a method's result."""

    _name = "mcp.resource"
    _inherit = "mcp.guarded.mixin"
    _description = "MCP Resource"
    _order = "sequence, name, id"

    name = fields.Char(
        required=True,
        help="The name that programs use for the resource. Clients also show it to people if there is no title.",
    )
    title = fields.Char(help="The name that clients show to people.")
    description = fields.Text(help="The text tells the AI model and people the content and purpose of the resource.")
    uri = fields.Char(
        "Address",
        required=True,
        copy=False,
        help="The URI that clients use to read the resource, such as docs://returns. An address with names in braces, "
        "such as docs://returns/{country}, is a template. Clients replace the names with values. Use an address that "
        "starts with https:// only if clients can fetch it directly from the web.",
    )
    is_template = fields.Boolean(
        compute="_compute_is_template",
        store=True,
        help="The address has variables. Clients list the resource as a resource template.",
    )
    kind = fields.Selection(
        [
            ("text", "Text"),
            ("binary", "File"),
            ("field", "Field of a Record"),
            ("method", "Method"),
            ("system", "Built-in: System"),
            ("models", "Built-in: Models"),
            ("schema", "Built-in: Fields of a Model"),
            ("access", "Built-in: Access to a Model"),
            ("modules", "Built-in: Apps"),
            ("module", "Built-in: One App"),
            ("record", "Built-in: Any Record"),
            ("value", "Built-in: Any Field of a Record"),
        ],
        default="text",
        required=True,
        help="The source of the content. MCP always reads it with the access rights of the calling user.",
    )
    mime_type = fields.Char(
        "MIME Type",
        compute="_compute_mime_type",
        store=True,
        readonly=False,
        help="The type of the content, such as text/markdown. Odoo detects the type of an uploaded file. Leave it "
        "empty if the type can differ between reads.",
    )
    sequence = fields.Integer(
        default=100,
        help="The order of the list. If two templates match an address equally well, MCP uses the first one.",
    )
    active = fields.Boolean(default=True)
    group_ids = fields.Many2many(
        "res.groups",
        "mcp_resource_group_rel",
        "resource_id",
        "group_id",
        string="Groups",
        # Removing the last group must fail: without groups it is open to everybody.
        ondelete="restrict",
        help="Only members of these groups can see and read the resource. Leave it empty to allow all MCP users.",
    )
    most_kb = fields.Integer(
        "Maximum Size (kB)",
        help="MCP refuses larger content and does not truncate it. 0 uses Maximum Answer Size in the settings.",
    )
    audience = fields.Selection(
        [("user", "People"), ("assistant", "The AI Model"), ("both", "Both")],
        help="This hint tells clients the intended audience of the content.",
    )
    priority = fields.Float(
        digits=(3, 2),
        help="This hint tells clients the importance of the content, from 0.01 (least important) to 1 (required). 0 "
        "sends no priority.",
    )
    text = fields.Text(help="The content of the resource.")
    data = fields.Binary("File", attachment=False, help="The content of the resource.")
    data_name = fields.Char("File Name")
    size = fields.Integer("Size (Bytes)", compute="_compute_size", store=True, help="The size of the text or file.")
    method = fields.Char(
        help="Method of the model mcp.resource that creates the content. Its name starts with _resource_. It receives "
        "the variables of the address as keyword arguments. It returns text, bytes or a value that can be converted "
        "to JSON.",
    )
    res_model = fields.Char("Model", help="Technical name of the record's model, such as res.company.")
    res_id = fields.Integer(
        "Record ID",
        help="0 means that the address has a variable for the id, as in logo://{id}. MCP checks the user's access to "
        "the record at each read.",
    )
    res_field = fields.Char("Field", help="Technical name of the field, such as logo.")

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS mcp_resource_uri_uniq ON mcp_resource (uri)")
        watch_catalogue(self.env.cr)

    # -- computed ----------------------------------------------------------------------------------

    @api.depends("uri")
    def _compute_is_template(self):
        for resource in self:
            resource.is_template = "{" in (resource.uri or "")

    @api.depends("kind", "data")
    def _compute_mime_type(self):
        for resource in self:
            if resource.kind in JSON_KINDS:
                resource.mime_type = "application/json"
            elif resource.kind == "binary":
                content = resource._content()
                resource.mime_type = guess_mimetype(content) if content else False
            elif resource.kind == "text":
                resource.mime_type = resource.mime_type or "text/plain"
            else:
                resource.mime_type = resource.mime_type or False

    @api.depends("kind", "text", "data")
    def _compute_size(self):
        for resource in self:
            resource.size = len(resource._content())

    def _content(self):
        """Return the bytes of static content."""
        if self.kind == "text":
            return (self.text or "").encode()
        if self.kind != "binary":
            return b""
        # A form that is being saved requests sizes in place of files.
        data = self.with_context(bin_size=False, bin_size_data=False).data or b""
        try:
            return base64.b64decode(data.encode() if isinstance(data, str) else data)
        except (binascii.Error, ValueError) as error:
            raise ValidationError(_("File: the content is not valid base64.")) from error

    # -- saving ------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_twins([vals["uri"] for vals in vals_list if vals.get("uri")])
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("uri"):
            self._refuse_twins([vals["uri"]] * len(self))
        return super().write(vals)

    def _refuse_twins(self, uris):
        """Report a violation of the unique index to the administrator."""
        others = self.with_context(active_test=False).search([("uri", "in", uris), ("id", "not in", self.ids)])
        taken = others.mapped("uri") + [uri for uri in uris if uris.count(uri) > 1]
        if taken:
            raise ValidationError(_("A resource with the address %s already exists. It may be archived.", taken[0]))

    # -- what is refused ---------------------------------------------------------------------------

    @api.constrains("uri", "kind", "res_id")
    def _check_uri(self):
        for resource in self:
            names = resource._variables()
            wanted = VARIABLES.get(resource.kind)
            if resource.kind == "field":
                wanted = [] if resource.res_id else ["id"]
            if wanted is None or sorted(wanted) == sorted(names):
                continue
            if not wanted:
                raise ValidationError(
                    _("%s: the address of this kind cannot have variables because the content is fixed.", resource.uri)
                )
            raise ValidationError(
                _(
                    "%(uri)s: the address of this kind must have exactly these variables: %(names)s.",
                    uri=resource.uri,
                    names=", ".join(f"{{{name}}}" for name in wanted),
                )
            )

    def _variables(self):
        """Return the names of the variables in the address, which the core reads."""
        found = core.validate(self.env.cr, "uri_template", self.uri or "")
        if found.get("problem"):
            raise ValidationError(
                _("The address %(uri)s %(problem)s.", uri=self.uri, problem=found["problem"])
            )
        return found.get("variables", [])

    @api.constrains("mime_type")
    def _check_mime_type(self):
        for resource in self.filtered("mime_type"):
            if not MIME_TYPE.fullmatch(resource.mime_type):
                raise ValidationError(
                    _("%s is not a valid MIME type. Write it like text/plain or image/png.", resource.mime_type)
                )

    @api.constrains("most_kb", "priority")
    def _check_numbers(self):
        for resource in self:
            if not 0 <= resource.most_kb <= MOST_KB:
                raise ValidationError(_("Maximum Size must be between 0 and %s kB.", MOST_KB))
            if not 0 <= resource.priority <= 1:
                raise ValidationError(_("Priority must be between 0 and 1."))

    @api.constrains("kind", "text", "data", "method", "res_model", "res_field", "res_id")
    def _check_kind(self):
        for resource in self:
            check = getattr(resource, f"_check_kind_{resource.kind}", None)
            if check:
                check()

    def _check_kind_text(self):
        if "\0" in (self.text or ""):
            raise ValidationError(_("Text: the text contains a NUL character."))

    def _check_kind_binary(self):
        if not self._content():
            raise ValidationError(_("Upload a file for the resource %s.", self.uri))

    def _check_kind_method(self):
        name = self.method or ""
        usable = name.startswith(METHOD_PREFIX) and not name.startswith(OWN_METHODS)
        if not usable or not callable(getattr(type(self), name, None)):
            raise ValidationError(
                _("%s is not a method of the model mcp.resource with a name that starts with _resource_.", self.method)
            )

    def _check_kind_field(self):
        model = self.env.get(self.res_model or "")
        if model is None or model._abstract:
            raise ValidationError(_("Model: the model %s does not exist or has no records.", self.res_model))
        if self.res_field not in model._fields:
            raise ValidationError(
                _("Field: the model %(model)s has no field %(name)s.", model=self.res_model, name=self.res_field)
            )
        if self.res_id < 0:
            raise ValidationError(_("Record ID: %s is not a valid id.", self.res_id))

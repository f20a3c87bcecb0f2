# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import binascii
import re

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.mimetypes import guess_mimetype

from .. import core
from ..executor import METHOD_PREFIXES
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

    name = fields.Char(required=True, help="How programs call the resource; people too, where it has no title.")
    title = fields.Char(help="The name that a client shows to people.")
    description = fields.Text(help="Tells the AI model and people what the resource holds and what it is good for.")
    uri = fields.Char(
        "Address",
        required=True,
        copy=False,
        help="The URI under which clients read the resource, such as docs://returns. With names in braces, as in "
        "docs://returns/{country}, it is a template of many: clients fill in the names. Addresses that begin with "
        "https:// are for what a client can fetch from the web by itself.",
    )
    is_template = fields.Boolean(
        compute="_compute_is_template",
        store=True,
        help="The address has variables, so clients find it among the resource templates.",
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
        help="Where the content comes from. It is always read with the rights of the user who asks for it.",
    )
    mime_type = fields.Char(
        "MIME Type",
        compute="_compute_mime_type",
        store=True,
        readonly=False,
        help="What the content is, such as text/markdown. Of a file it is found out when the file is uploaded. Leave "
        "it empty where it differs from one reading to the next.",
    )
    sequence = fields.Integer(
        default=100,
        help="The order of the list; of two templates that fit an address equally well, the first one counts.",
    )
    active = fields.Boolean(default=True)
    group_ids = fields.Many2many(
        "res.groups",
        "mcp_resource_group_rel",
        "resource_id",
        "group_id",
        string="Groups",
        help="Who may see and read the resource; everybody with access to MCP when empty.",
    )
    most_kb = fields.Integer(
        "Largest Content (kB)",
        help="More than this is refused, not cut. Zero: the size of an answer in the settings.",
    )
    audience = fields.Selection(
        [("user", "People"), ("assistant", "The AI Model"), ("both", "Both")],
        help="A hint for clients: whom the content is meant for.",
    )
    priority = fields.Float(
        digits=(3, 2), help="A hint for clients: from 0.01, hardly important, to 1, needed. Zero gives no hint."
    )
    text = fields.Text(help="The content.")
    data = fields.Binary("File", attachment=False, help="The content.")
    data_name = fields.Char("File Name")
    size = fields.Integer("Size (Bytes)", compute="_compute_size", store=True, help="Of a text or a file.")
    method = fields.Char(
        help="Method of the model mcp.resource that makes the content; its name begins with _resource_. It gets the "
        "variables of the address as named arguments and returns text, bytes, or what becomes JSON.",
    )
    res_model = fields.Char("Model", help="Technical name of the record's model, such as res.company.")
    res_id = fields.Integer(
        "Record ID",
        help="Zero: the address has a place for it, as in logo://{id}. Whether a user may read the record is decided "
        "when it is read.",
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
            raise ValidationError(_("File: this is not base64.")) from error

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
            raise ValidationError(_("There is a resource at %s already, perhaps an archived one.", taken[0]))

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
                    _("%s: the content of this kind is always the same, so its address has no variables.", resource.uri)
                )
            raise ValidationError(
                _(
                    "%(uri)s: the address of this kind needs exactly these variables: %(names)s.",
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
                    _("%s is no MIME type: write it as text/plain, image/png and so on.", resource.mime_type)
                )

    @api.constrains("most_kb", "priority")
    def _check_numbers(self):
        for resource in self:
            if not 0 <= resource.most_kb <= MOST_KB:
                raise ValidationError(_("Largest Content: from 1 to %s kB, or zero.", MOST_KB))
            if not 0 <= resource.priority <= 1:
                raise ValidationError(_("Priority: from 0 to 1."))

    @api.constrains("kind", "text", "data", "method", "res_model", "res_field", "res_id")
    def _check_kind(self):
        for resource in self:
            check = getattr(resource, f"_check_kind_{resource.kind}", None)
            if check:
                check()

    def _check_kind_text(self):
        if "\0" in (self.text or ""):
            raise ValidationError(_("Text: it holds a NUL character."))

    def _check_kind_binary(self):
        if not self._content():
            raise ValidationError(_("%s: upload a file.", self.uri))

    def _check_kind_method(self):
        name = self.method or ""
        usable = name.startswith(METHOD_PREFIX) and not name.startswith(OWN_METHODS)
        if not usable or not callable(getattr(type(self), name, None)):
            raise ValidationError(
                _("%s is no method of the model mcp.resource whose name begins with _resource_.", self.method)
            )

    def _check_kind_field(self):
        model = self.env.get(self.res_model or "")
        if model is None or model._abstract:
            raise ValidationError(_("Model: there is no model %s with records.", self.res_model))
        if self.res_field not in model._fields:
            raise ValidationError(
                _("Field: %(model)s has no field %(name)s.", model=self.res_model, name=self.res_field)
            )
        if self.res_id < 0:
            raise ValidationError(_("Record ID: %s is none.", self.res_id))

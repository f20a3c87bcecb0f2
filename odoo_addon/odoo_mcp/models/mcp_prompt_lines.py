# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import binascii
import re

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.mimetypes import guess_mimetype

from .. import compat, core

ARGUMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
URI_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
IMAGE_TYPES = ("image/gif", "image/jpeg", "image/png", "image/webp")
MOST_IMAGE_KB = 1024


class McpPromptLine(models.AbstractModel):
    """A line of a prompt: saved only with a prompt that the user may change and that is valid as a whole."""

    _name = "mcp.prompt.line"
    _description = "Part of an MCP Prompt"
    _order = "sequence, id"

    prompt_id = fields.Many2one("mcp.prompt", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)

    @api.model_create_multi
    def create(self, vals_list):
        usual = self.env.context.get("default_prompt_id")
        for vals in vals_list:
            self._check_prompt(vals.get("prompt_id", usual))
        lines = super().create(vals_list)
        lines.prompt_id._check_whole()
        return lines

    def write(self, vals):
        # Record rules check a line before it is written, not after.
        self._check_prompt(vals.get("prompt_id"))
        before = self.prompt_id
        done = super().write(vals)
        (before | self.prompt_id)._check_whole()
        return done

    def unlink(self):
        prompts = self.prompt_id
        done = super().unlink()
        prompts.exists()._check_whole()
        return done

    @api.model
    def _check_prompt(self, prompt_id):
        if prompt_id and not self.env.su:
            compat.check_record_access(self.env["mcp.prompt"].browse(prompt_id), "write")


class McpPromptArgument(models.Model):
    """An argument of a prompt: it replaces ``{name}`` in the messages."""

    _name = "mcp.prompt.argument"
    _inherit = "mcp.prompt.line"
    _description = "MCP Prompt Argument"

    name = fields.Char(
        required=True,
        help="Letters, digits, underscore and hyphen, at most 64, the first a letter or an underscore. {name} in a "
        "message is its place.",
    )
    title = fields.Char(help="The name that a client shows to people.")
    description = fields.Char(help="Tells people what to fill in.")
    required = fields.Boolean(help="Without it the prompt is refused; an optional argument that is missing is empty.")
    completion = fields.Selection(
        [
            ("values", "Values of a List"),
            ("record", "Names of Records"),
            ("model", "Models"),
            ("field", "Fields of a Model"),
            ("module", "Installed Apps"),
            ("company", "Companies"),
        ],
        string="Completed By",
        help="What a client offers while somebody fills in the argument: always only what that user may see. Any other "
        "value is accepted too.",
    )
    completion_values = fields.Text("Values", help="One value a line.")
    completion_model = fields.Char(
        "Model", help="Technical name of the model whose records or fields are offered, such as res.partner."
    )
    completion_argument = fields.Char(
        "Argument with the Model",
        help="Name of another argument of this prompt, whose value is the model whose records or fields are offered.",
    )

    @api.constrains("name")
    def _check_name(self):
        for argument in self:
            if not ARGUMENT_NAME.fullmatch(argument.name or ""):
                raise ValidationError(
                    _(
                        "%s is no name for an argument: use 1 to 64 letters, digits, underscores and hyphens, the "
                        "first a letter or an underscore.",
                        argument.name,
                    )
                )

    @api.constrains("completion", "completion_values", "completion_model", "completion_argument")
    def _check_completion(self):
        for argument in self:
            if argument.completion == "values" and not (argument.completion_values or "").strip():
                raise ValidationError(_("The argument %s needs the values that complete it.", argument.name))
            by_model = argument.completion in ("record", "field")
            named = [name for name in (argument.completion_model, argument.completion_argument) if name]
            if by_model and len(named) != 1:
                raise ValidationError(
                    _(
                        "The argument %s needs either a model or the name of the argument that has the model, for what "
                        "completes it.",
                        argument.name,
                    )
                )


class McpPromptMessage(models.Model):
    """A message of a prompt: a text, an image or a resource."""

    _name = "mcp.prompt.message"
    _inherit = "mcp.prompt.line"
    _description = "MCP Prompt Message"

    role = fields.Selection(
        [("user", "User"), ("assistant", "Assistant")],
        required=True,
        default="user",
        help="Who says it in the conversation: the person, or the AI model.",
    )
    kind = fields.Selection(
        [("text", "Text"), ("image", "Image"), ("resource", "Resource")], required=True, default="text"
    )
    text = fields.Text(
        help="{argument} is replaced by the argument's value. Write {{ and }} for braces that shall stay."
    )
    uri = fields.Char(
        "URI",
        help="Which resource is put into the conversation, as its user may read it. {argument} is replaced by the "
        "argument's value.",
    )
    # Stored in the table: the database core returns it, and cannot read Odoo's file store.
    image = fields.Binary(attachment=False)
    image_mimetype = fields.Char("Image Type", compute="_compute_image_mimetype", store=True)
    excerpt = fields.Char("Content", compute="_compute_excerpt")

    def _template(self):
        """Return the text of the message that may contain placeholders."""
        return {"text": self.text, "resource": self.uri}.get(self.kind) or ""

    @api.depends("image")
    def _compute_image_mimetype(self):
        for message in self:
            data = message.with_context(bin_size=False).image
            try:
                message.image_mimetype = guess_mimetype(base64.b64decode(data)) if data else False
            except binascii.Error:
                message.image_mimetype = False

    @api.depends("kind", "text", "uri", "image_mimetype")
    def _compute_excerpt(self):
        for message in self:
            content = message.image_mimetype if message.kind == "image" else message._template()
            content = " ".join((content or "").split())
            message.excerpt = content if len(content) <= 120 else f"{content[:120]}…"

    @api.constrains("kind", "text", "uri", "image")
    def _check_content(self):
        for message in self:
            if message.kind == "text" and not (message.text or "").strip():
                raise ValidationError(_("The message of the prompt %s needs a text.", message.prompt_id.name))
            if message.kind == "image":
                message._check_image()
            uri = message.uri or ""
            if message.kind == "resource" and not (URI_SCHEME.match(uri) or message._is_one_placeholder(uri)):
                raise ValidationError(
                    _(
                        "The message of the prompt %s needs the URI of a resource, such as odoo://models, or "
                        "{argument} for one that an argument names.",
                        message.prompt_id.name,
                    )
                )

    def _is_one_placeholder(self, text):
        return core.validate(self.env.cr, "prompt_text", text).get("is_one", True)

    def _check_image(self):
        data = self.with_context(bin_size=False).image or b""
        if self.image_mimetype not in IMAGE_TYPES:
            raise ValidationError(
                _("The message of the prompt %s needs a GIF, JPEG, PNG or WebP image.", self.prompt_id.name)
            )
        if len(data) > MOST_IMAGE_KB * 1024:
            raise ValidationError(
                _(
                    "The image of the prompt %(prompt)s is too large: as it is sent it has %(size)s kB, and %(most)s "
                    "are the most.",
                    prompt=self.prompt_id.name,
                    size=len(data) // 1024,
                    most=MOST_IMAGE_KB,
                )
            )

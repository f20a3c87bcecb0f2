# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import binascii
import re

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.mimetypes import guess_mimetype

from .. import compat, core
from ..policy import guarded_writes

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
        guarded_writes.refuse_global_prompts(lines.prompt_id)
        lines.prompt_id._check_whole()
        return lines

    def write(self, vals):
        # Record rules check a line before it is written, not after.
        self._check_prompt(vals.get("prompt_id"))
        before = self.prompt_id
        guarded_writes.refuse_global_prompts(before)
        done = super().write(vals)
        guarded_writes.refuse_global_prompts(self.prompt_id)
        (before | self.prompt_id)._check_whole()
        return done

    def unlink(self):
        prompts = self.prompt_id
        guarded_writes.refuse_global_prompts(prompts)
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
        help="The name can have at most 64 letters, digits, underscores and hyphens. It starts with a letter or an "
        "underscore. In messages, {name} is replaced by the value.",
    )
    title = fields.Char(help="The name that clients show to people.")
    description = fields.Char(help="The text tells people what value to enter.")
    required = fields.Boolean(
        help="MCP refuses the prompt without this argument. A missing optional argument is empty."
    )
    completion = fields.Selection(
        [
            ("values", "List of Values"),
            ("record", "Names of Records"),
            ("model", "Models"),
            ("field", "Fields of a Model"),
            ("module", "Installed Apps"),
            ("company", "Companies"),
        ],
        help="The values that a client suggests while a user enters the argument. MCP suggests only values that this "
        "user can see, and accepts any other value too.",
    )
    completion_values = fields.Text("Values", help="One value per line.")
    completion_model = fields.Char(
        "Model", help="Technical name of the model whose records or fields are suggested, such as res.partner."
    )
    completion_argument = fields.Char(
        "Model Argument",
        help="Name of another argument of this prompt. Its value is the model whose records or fields are suggested.",
    )

    @api.constrains("name")
    def _check_name(self):
        for argument in self:
            if not ARGUMENT_NAME.fullmatch(argument.name or ""):
                raise ValidationError(
                    _(
                        "%s is not a valid argument name. Use 1 to 64 letters, digits, underscores and hyphens. The "
                        "name must start with a letter or an underscore.",
                        argument.name,
                    )
                )

    @api.constrains("completion", "completion_values", "completion_model", "completion_argument")
    def _check_completion(self):
        for argument in self:
            if argument.completion == "values" and not (argument.completion_values or "").strip():
                raise ValidationError(_("Enter the values for the completion of the argument %s.", argument.name))
            by_model = argument.completion in ("record", "field")
            named = [name for name in (argument.completion_model, argument.completion_argument) if name]
            if by_model and len(named) != 1:
                raise ValidationError(
                    _(
                        "For the completion of the argument %s, enter either a model or the name of the argument that "
                        "has the model.",
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
        help="The author of the message in the conversation: the person or the AI model.",
    )
    kind = fields.Selection(
        [("text", "Text"), ("image", "Image"), ("resource", "Resource")], required=True, default="text"
    )
    text = fields.Text(help="{argument} is replaced by the argument's value. Write {{ and }} for literal braces.")
    uri = fields.Char(
        "URI",
        help="The resource to embed in the conversation. MCP reads it with the access rights of the user. {argument} "
        "is replaced by the argument's value.",
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
                raise ValidationError(_("Enter a text for the message of the prompt %s.", message.prompt_id.name))
            if message.kind == "image":
                message._check_image()
            uri = message.uri or ""
            if message.kind == "resource" and not (URI_SCHEME.match(uri) or message._is_one_placeholder(uri)):
                raise ValidationError(
                    _(
                        "The message of the prompt %s needs the URI of a resource, such as odoo://models. Write "
                        "{argument} to take the URI from an argument.",
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
                    "The image of the prompt %(prompt)s is too large. Its encoded size is %(size)s kB. The limit is "
                    "%(most)s kB.",
                    prompt=self.prompt_id.name,
                    size=len(data) // 1024,
                    most=MOST_IMAGE_KB,
                )
            )

# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, ValidationError

from .. import core
from ..execution.executor import METHOD_PREFIXES
from ..policy import guarded_writes

PROMPT_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
MODEL_NAMES = re.compile(r"[a-z0-9_.]+([\s,]+[a-z0-9_.]+)*")
METHOD_PREFIX = METHOD_PREFIXES["mcp.prompt"]
# Methods with the prefix that make no prompt.
OWN_METHODS = (METHOD_PREFIX + "complete_", METHOD_PREFIX + "embed")
# Prefix of a personal prompt with the name of a global one.
OWN = "my."
# While a prompt is saved its lines change one after another: only the final state is checked. No RPC caller can create
# this object.
SAVING = object()


class McpPrompt(models.Model):
    """A prompt that people choose in their AI client: messages with placeholders for arguments.

    A prompt without an owner is global: MCP administrators make it, and groups restrict it. A prompt with an owner is
    personal: only the owner sees and changes it, and MCP administrators do not. A personal prompt grants no rights. It
    only becomes a text for its owner, so it needs no control, and nobody can put text into another user's list.
    """

    _name = "mcp.prompt"
    _description = "MCP Prompt"
    _order = "sequence, name, id"

    name = fields.Char(
        required=True,
        copy=False,
        help="The name that people type or choose in their client. It can have at most 64 letters, digits, "
        "underscores, dots and hyphens.",
    )
    title = fields.Char(help="The name that clients show to people.")
    description = fields.Text(help="The text tells people the purpose of the prompt before they choose it.")
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        ondelete="cascade",
        index=True,
        default=lambda self: self._default_owner(),
        help="Only the owner can see and change this prompt. A global prompt has no owner.",
    )
    group_ids = fields.Many2many(
        "res.groups",
        "mcp_prompt_group_rel",
        "prompt_id",
        "group_id",
        string="Groups",
        # Removing the last group must fail: without groups it is open to everybody.
        ondelete="restrict",
        help="Only members of these groups can see and use a global prompt. Leave it empty to allow all MCP users.",
    )
    required_models = fields.Char(
        help="Technical names, separated by commas. The prompt appears only if these models exist and the user can "
        "read them.",
    )
    missing_models = fields.Char(compute="_compute_missing_models")
    method = fields.Char(
        help="Method of the model mcp.prompt that creates the messages, instead of the messages below. Its name starts "
        "with _prompt_.",
    )
    argument_ids = fields.One2many("mcp.prompt.argument", "prompt_id", string="Arguments", copy=True)
    message_ids = fields.One2many("mcp.prompt.message", "prompt_id", string="Messages", copy=True)
    listed_name = fields.Char(
        "Name in Clients",
        compute="_compute_listed_name",
        help="If a global prompt has the same name, clients show this personal prompt with the prefix my. before its "
        "name.",
    )

    def init(self):
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS mcp_prompt_name_uniq ON mcp_prompt (name, coalesce(user_id, 0))"
        )

    @api.model
    def _default_owner(self):
        return False if self._may_make_global() else self.env.user

    @api.model
    def _may_make_global(self):
        return self.env.su or self.env.user.has_group("odoo_mcp.group_mcp_administrator")

    @api.depends("required_models")
    def _compute_missing_models(self):
        for prompt in self:
            names = re.split(r"[\s,]+", prompt.required_models or "")
            prompt.missing_models = ", ".join(name for name in names if name and name not in self.env)

    @api.depends("name", "user_id")
    def _compute_listed_name(self):
        names = [prompt.name for prompt in self if prompt.user_id]
        taken = set(self.sudo().search([("user_id", "=", False), ("name", "in", names)]).mapped("name"))
        for prompt in self:
            own = prompt.user_id and prompt.name in taken
            prompt.listed_name = f"{OWN}{prompt.name}" if own else prompt.name

    # -- saving ------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        wanted = []
        for vals in vals_list:
            owner = vals["user_id"] if "user_id" in vals else self._default_create_owner()
            self._check_owner(owner)
            wanted.append((owner or False, vals.get("name")))
        self._refuse_twins(wanted)
        prompts = super(McpPrompt, self.with_context(mcp_prompt_saving=SAVING)).create(vals_list)
        prompts = prompts.with_env(self.env)
        prompts._check_whole()
        return prompts

    def write(self, vals):
        guarded_writes.refuse_global_prompts(self)
        if "user_id" in vals:
            self._check_owner(vals["user_id"])
        if "user_id" in vals or "name" in vals:
            wanted = [
                (vals.get("user_id", prompt.user_id.id) or False, vals.get("name") or prompt.name) for prompt in self
            ]
            self._refuse_twins(wanted)
        done = super(McpPrompt, self.with_context(mcp_prompt_saving=SAVING)).write(vals)
        self._check_whole()
        return done

    def unlink(self):
        guarded_writes.refuse_global_prompts(self)
        return super().unlink()

    def copy(self, default=None):
        copies = self.browse()
        for prompt in self:
            name = self._free_name(f"{prompt.name[:58]}_copy", prompt.user_id)
            copies |= super(McpPrompt, prompt).copy({"name": name, **(default or {})})
        return copies

    def _free_name(self, name, owner):
        others = self.sudo().with_context(active_test=False).search([("user_id", "=", owner.id)]).mapped("name")
        number = 2
        free = name
        while free in others:
            free = f"{name[:60]}{number}"
            number += 1
        return free

    @api.model
    def _default_create_owner(self):
        return self.default_get(["user_id"]).get("user_id")

    @api.model
    def _check_owner(self, owner):
        """Refuse a prompt for another user: record rules check a record before it is written, not after.

        The check comes before any lookup, so that it reveals nothing about other users' prompts.
        """
        if self.env.su or owner == self.env.uid or (not owner and self._may_make_global()):
            return
        raise AccessError(
            _(
                "You can create prompts only for yourself. MCP administrators can also create global prompts. Nobody "
                "can create prompts for another user."
            )
        )

    def _refuse_twins(self, wanted):
        """Report a violation of the unique index to the user. ``wanted``: owners and names."""
        for owner, name in wanted:
            twins = [("user_id", "=", owner), ("name", "=", name), ("id", "not in", self.ids)]
            others = self.sudo().with_context(active_test=False).search_count(twins)
            if name and (others or wanted.count((owner, name)) > 1):
                raise ValidationError(_("A prompt named %s already exists. It may be archived.", name))

    # -- what is refused ---------------------------------------------------------------------------

    @api.constrains("name")
    def _check_name(self):
        for prompt in self:
            name = prompt.name or ""
            if not PROMPT_NAME.fullmatch(name):
                raise ValidationError(
                    _(
                        "%s is not a valid prompt name. Use 1 to 64 letters, digits, underscores, dots and hyphens.",
                        prompt.name,
                    )
                )
            if name.lower().startswith(OWN):
                raise ValidationError(
                    _(
                        "The name of a prompt cannot start with %(prefix)s. This prefix marks a personal prompt that "
                        "has the same name as a global prompt.",
                        prefix=OWN,
                    )
                )

    @api.constrains("required_models")
    def _check_required_models(self):
        for prompt in self:
            names = (prompt.required_models or "").strip()
            if names and not MODEL_NAMES.fullmatch(names):
                raise ValidationError(
                    _("Required Models: write technical names such as sale.order, separated by commas.")
                )

    @api.constrains("user_id", "group_ids", "method")
    def _check_global_only(self):
        for prompt in self:
            if prompt.user_id and prompt.group_ids:
                raise ValidationError(
                    _("The prompt %s has an owner. Only global prompts can have groups.", prompt.name)
                )
            if prompt.user_id and prompt.method:
                raise ValidationError(
                    _("The prompt %s has an owner. Only global prompts can have a method.", prompt.name)
                )

    @api.constrains("method")
    def _check_method(self):
        for prompt in self.filtered("method"):
            name = prompt.method
            usable = name.startswith(METHOD_PREFIX) and not name.startswith(OWN_METHODS)
            if not usable or not callable(getattr(type(prompt), name, None)):
                raise ValidationError(
                    _("%s is not a method of the model mcp.prompt with a name that starts with _prompt_.", name)
                )

    def _check_whole(self):
        """Refuse prompts whose messages and arguments do not match."""
        if self.env.context.get("mcp_prompt_saving") is SAVING:
            return
        guarded_writes.refuse_global_prompts(self)
        for prompt in self:
            if prompt.method and prompt.message_ids:
                raise ValidationError(
                    _("The prompt %s has a method that creates its messages. Remove the other messages.", prompt.name)
                )
            names = prompt.argument_ids.mapped("name")
            for name in names:
                if names.count(name) > 1:
                    raise ValidationError(
                        _("The prompt %(prompt)s has two arguments named %(name)s.", prompt=prompt.name, name=name)
                    )
            for argument in prompt.argument_ids.filtered("completion_argument"):
                if argument.completion_argument not in names:
                    raise ValidationError(
                        _(
                            "The prompt %(prompt)s has no argument %(name)s. The argument %(argument)s needs it to "
                            "find the model for its completion.",
                            prompt=prompt.name,
                            name=argument.completion_argument,
                            argument=argument.name,
                        )
                    )
            for number, message in enumerate(prompt.message_ids.sorted(), 1):
                prompt._check_places(number, message._template(), names)

    def _check_places(self, number, text, names):
        found = core.validate(self.env.cr, "prompt_text", text or "")
        if found.get("problem"):
            raise ValidationError(
                _(
                    "The prompt %(prompt)s, message %(number)s: %(problem)s. Write {{ and }} for literal braces.",
                    prompt=self.name,
                    number=number,
                    problem=found["problem"],
                )
            )
        for name in found.get("placeholders", []):
            if name not in names:
                raise ValidationError(
                    _(
                        "The prompt %(prompt)s, message %(number)s: the prompt has no argument for {%(name)s}. Add the "
                        "argument, or write {{%(name)s}} for literal braces.",
                        prompt=self.name,
                        number=number,
                        name=name,
                    )
                )

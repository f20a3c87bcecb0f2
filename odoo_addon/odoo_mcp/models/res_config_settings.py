# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import re

import psycopg2

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError
from odoo.http import request

from .. import core
from ..settings import PREFIX, SETTINGS

FIELD_PREFIX = "mcp_"


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    mcp_enabled = fields.Boolean("MCP Server", help="Answer AI clients at /mcp.")
    mcp_fast_door = fields.Boolean(
        "Fast Door",
        help="Answer /mcp before Odoo builds a request: about three times as fast. Turn it off when an app that "
        "controls access to web pages (an address filter, a maintenance page) must see these requests too.",
    )
    mcp_allowed_origins = fields.Char(
        "Allowed Origins",
        help="Web pages that may call /mcp, as origins separated by commas, such as https://chat.example.com. "
        "The address of this Odoo and pages on the caller's own computer are always allowed.",
    )
    mcp_session_hours = fields.Integer("Session Hours", help="A session of a client ends after this many hours.")
    mcp_require_session = fields.Boolean(
        "Require Sessions",
        help="Refuse clients of the handshake versions that lose their session. Some clients do.",
    )
    mcp_accept_plain_keys = fields.Boolean(
        "Accept Ordinary API Keys",
        help="Accept API keys that were made without the scope mcp. They have all rights of their user.",
    )
    mcp_unscoped_keys = fields.Selection(
        [("user", "All that their user may do"), ("none", "Nothing")],
        string="Keys without a Scope May Do",
        required=True,
        default="user",
        help="Ordinary API keys, and keys for MCP whose scope is missing. With Nothing, only keys count whose scope an "
        "MCP administrator has given. Who signs in with login and password is not meant.",
    )
    mcp_default_access = fields.Selection(
        [("odoo", "Odoo's own rights"), ("none", "Nothing")],
        string="Models without an Access Record",
        required=True,
        default="odoo",
        help="What users may do with models that are not listed under MCP, Configuration, Access Control. With "
        "Nothing, only the models listed there are open.",
    )
    mcp_read_only = fields.Boolean(
        "Read-only", help="Nothing can be changed through MCP and no method called, by anybody, whatever else is set."
    )
    mcp_confirm = fields.Selection(
        [
            ("none", "Nothing"),
            ("destructive", "What overwrites or deletes, and methods"),
            ("all", "All changes"),
        ],
        string="Confirm before It Is Done",
        required=True,
        default="none",
        help="Such a call is not done at once: the person who uses the AI client is asked, with what would be done to "
        "which records; where the client cannot ask, the model is told the same and must call again with a token that "
        "is good once. An access record can ask for more for its model, and let methods go.",
    )
    mcp_confirm_person = fields.Boolean(
        "Only by a Person",
        help="A call that is to be confirmed is refused where the client cannot ask a person. Otherwise the model can "
        "confirm by itself, once it has been told what would be done.",
    )
    mcp_ip_strategy = fields.Selection(
        [
            ("off", "Any address"),
            ("allow", "Only these addresses"),
            ("deny", "All but these addresses"),
        ],
        string="Clients May Come From",
        required=True,
        default="off",
        help="Who asks from another address gets 403, whatever the credential. The address is the one that Odoo takes: "
        "behind a proxy its proxy mode must be on. An API key can have addresses of its own beside this.",
    )
    mcp_ip_networks = fields.Text(
        "Addresses and Networks",
        help="One a line, such as 192.0.2.7, 198.51.100.0/24 or 2001:db8::/32; what follows a # is a remark.",
    )
    mcp_rate_per_minute = fields.Integer(
        "Requests per Minute",
        help="How many messages a user, and each API key, may send in the long run; a key can have less by its scope. "
        "0: as many as they like.",
    )
    mcp_rate_burst = fields.Integer(
        "Requests at Once", help="So many messages may come at once after a while without any."
    )
    mcp_max_concurrent = fields.Integer(
        "Concurrent Calls",
        help="How many calls of one API key (or of one user who signs in with the password) Odoo may run at the same "
        "time. 0: any number.",
    )
    mcp_lockout_failures = fields.Integer(
        "Wrong Credentials",
        help="After so many wrong ones a login or an API key is locked out from the address they came from; after ten "
        "times as many the address itself, but for keys that it has used before. 0: never.",
    )
    mcp_lockout_minutes = fields.Integer(
        "Lockout Minutes",
        help="Wrong credentials count within so many minutes, and the first lockout lasts as long; each further one "
        "twice as long, a day at most. An MCP administrator can end it under MCP, Monitoring, Lockouts.",
    )
    mcp_max_records = fields.Integer("Most Records", help="No call returns more records than this.")
    mcp_default_records = fields.Integer("Usual Records", help="Records of a search that names no limit.")
    mcp_call_seconds = fields.Integer(
        "Seconds per Statement",
        help="A database statement of a call that takes longer is cancelled. "
        "Keep it below Odoo's own limit for requests.",
    )
    mcp_max_body_mb = fields.Integer("Largest Request (MB)", help="A larger request is refused.")
    mcp_max_answer_kb = fields.Integer(
        "Largest Answer (kB)", help="A longer answer is cut, with a note of how to go on."
    )
    mcp_max_file_mb = fields.Integer(
        "Largest File (MB)",
        help="A larger file cannot be attached to a record. The largest request bounds it, too: there a file takes a "
        "third more than it has.",
    )
    mcp_audit_days = fields.Integer("Audit Days", help="Rows of the audit log are kept this long.")
    mcp_audit_values = fields.Boolean(
        "Audit Values",
        help="Keep in the audit log what the fields held before and after each change by the tools create, write and "
        "unlink. MCP administrators can read it, whatever their own rights on the records; passwords and the names "
        "below are redacted.",
    )
    mcp_audit_redact = fields.Char(
        "Redacted Names",
        help="Further fields, arguments, parameters or methods whose values are no business of the audit log, by their "
        "technical names, separated by commas, such as wage,bank_account. Names that mean a password, a token or a key "
        "are always redacted.",
    )
    mcp_audit_request_kb = fields.Integer(
        "Audited Parameters (kB)",
        help="Parameters of a call, and its changes, that are longer are cut in the audit log.",
    )
    mcp_instructions = fields.Text(
        "Instructions for the AI",
        help="What every AI model should know of this company's Odoo, in a few sentences: which models matter, what "
        "words mean here, what to ask before a change. A client gets it when it connects, after what this server says "
        "itself about the tools that the user has. At most 2000 characters; it is no place for secrets and restrains "
        "nobody: rights do.",
    )
    mcp_status = fields.Text("Extension Status", compute="_compute_mcp_status")

    @api.depends_context("uid")
    def _compute_mcp_status(self):
        status = self._mcp_status_text()
        for settings in self:
            settings.mcp_status = status

    @api.model
    def _mcp_status_text(self):
        """Return the report of ``mcp_status()`` as text."""
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute("SELECT public.mcp_status()", log_exceptions=False)
                status = self.env.cr.fetchone()[0]
        except psycopg2.Error:
            return _(
                'The PostgreSQL extension "odoo_mcp" is missing in this database or does not work. '
                "Ask whoever administers the PostgreSQL server to run: CREATE EXTENSION odoo_mcp SCHEMA public;"
            )
        if isinstance(status, str):
            status = json.loads(status)
        return "\n".join(_status_lines(status))

    @api.model
    def get_values(self):
        values = super().get_values()
        parameters = self.env["ir.config_parameter"].sudo()
        for name, setting in SETTINGS.items():
            value = _parsed(parameters.get_param(PREFIX + name), setting)
            # Like the core: an unknown value selects the strictest choice.
            choices = setting.get("choices", (value,))
            values[FIELD_PREFIX + name] = value if value in choices else choices[-1]
        return values

    def set_values(self):
        """Store the settings as text that can express false and zero, which Odoo's own way cannot."""
        result = super().set_values()
        parameters = self.env["ir.config_parameter"].sudo()
        for name, setting in SETTINGS.items():
            value = self[FIELD_PREFIX + name]
            stored = parameters.get_param(PREFIX + name)
            if name == "instructions":
                value = self._checked_mcp_instructions(value)
            elif name == "ip_networks":
                value = self._checked_mcp_networks(value)
            elif isinstance(setting["default"], str):
                value = ",".join(part.strip() for part in (value or "").split(",") if part.strip())
            elif "range" in setting:
                self._check_mcp_range(name, value)
            if value != _parsed(stored, setting):
                parameters.set_param(PREFIX + name, str(value))
        return result

    def _checked_mcp_instructions(self, text):
        text = (text or "").strip()
        most = SETTINGS["instructions"]["max_length"]
        if len(text) > most:
            raise ValidationError(
                _(
                    "MCP Server: the instructions have %(length)s characters; at most %(most)s are told.",
                    length=len(text),
                    most=most,
                )
            )
        return text

    def _checked_mcp_networks(self, text):
        text = "\n".join(line.strip() for line in (text or "").strip().splitlines())
        problem, _admits = core.check_networks(self.env.cr, text, self.mcp_ip_strategy)
        if problem:
            raise ValidationError(_("MCP Server, Addresses and Networks: %(problem)s", problem=problem))
        return text

    @api.onchange("mcp_ip_strategy", "mcp_ip_networks")
    def _onchange_mcp_networks(self):
        """Warn administrators who exclude themselves: it affects only ``/mcp``, so it may be intended."""
        address = request.httprequest.remote_addr if request else None
        if not address or self.mcp_ip_strategy == "off":
            return None
        _problem, admits = core.check_networks(
            self.env.cr, self.mcp_ip_networks or "", self.mcp_ip_strategy, address
        )
        if admits is not False:
            return None
        hint = (
            _("Add %(address)s to the addresses if your own AI client is to work from here.", address=address)
            if self.mcp_ip_strategy == "allow"
            else _("Take the line that holds it out if your own AI client is to work from here.")
        )
        title = _("Your own address is shut out")
        message = _("You come from %(address)s, which could not use /mcp with these addresses.", address=address)
        return {"warning": {"title": title, "message": f"{message} {hint}"}}

    def _check_mcp_range(self, name, value):
        least, most = SETTINGS[name]["range"]
        if not least <= value <= most:
            raise ValidationError(
                _(
                    "MCP Server: %(label)s must be between %(least)s and %(most)s.",
                    label=self.fields_get([FIELD_PREFIX + name])[FIELD_PREFIX + name]["string"],
                    least=least,
                    most=most,
                )
            )


def _parsed(text, setting):
    """Parse a stored setting as the core does: numbers stay in their range, an invalid text counts as not stored."""
    default = setting["default"]
    if not text:
        return default
    if isinstance(default, bool):
        return text.strip().lower() not in ("false", "0", "no", "off")
    if isinstance(default, int):
        least, most = setting["range"]
        return min(max(int(text), least), most) if re.fullmatch(r"\s*[+-]?\d+\s*", text, re.ASCII) else default
    return text


def _status_lines(status, indent=""):
    if not isinstance(status, dict):
        return [f"{indent}{status}"]
    lines = []
    for name, value in status.items():
        label = name.replace("_", " ")
        if isinstance(value, dict):
            lines += [f"{indent}{label}:", *_status_lines(value, indent + "    ")]
        elif isinstance(value, list):
            lines.append(f"{indent}{label}:" if value else f"{indent}{label}: -")
            for item in value:
                lines += _status_lines(item, indent + "    ")
        elif value is not None:
            lines.append(f"{indent}{label}: {value}")
    return lines

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

    mcp_enabled = fields.Boolean("MCP Server", help="AI clients can connect at /mcp.")
    mcp_fast_door = fields.Boolean(
        "Fast Path",
        help="The server answers requests to /mcp before Odoo's routing. This is about three times as fast. Turn it "
        "off if an app that controls access to web pages must process these requests too, such as an address filter or "
        "a maintenance page.",
    )
    mcp_allowed_origins = fields.Char(
        "Allowed Origins",
        help="CORS origins of web pages that can call /mcp, separated by commas, such as https://chat.example.com. "
        "The address of this Odoo and pages on the caller's own computer are always allowed.",
    )
    mcp_session_hours = fields.Integer(
        "Session Lifetime (Hours)", help="A client session expires after this number of hours (TTL)."
    )
    mcp_require_session = fields.Boolean(
        "Require Sessions",
        help="MCP refuses requests without a session from clients of the handshake versions. Some clients lose their "
        "session.",
    )
    mcp_accept_plain_keys = fields.Boolean(
        "Accept Ordinary API Keys",
        help="MCP accepts API keys that were created without the scope mcp. These keys have all access rights of their "
        "user.",
    )
    mcp_unscoped_keys = fields.Selection(
        [("user", "All access rights of their user"), ("none", "Nothing")],
        string="Rights of Keys without a Scope",
        required=True,
        default="user",
        help="This applies to ordinary API keys and to keys for MCP without a scope. With Nothing, MCP accepts only "
        "keys with a scope from an MCP administrator. The setting does not affect users who sign in with login and "
        "password.",
    )
    mcp_default_access = fields.Selection(
        [("odoo", "Odoo's access rights"), ("none", "Nothing")],
        string="Models without an Access Record",
        required=True,
        default="odoo",
        help="Access to models that have no access record under MCP, Configuration, Access Control. With Nothing, "
        "users can access only models with an access record.",
    )
    mcp_read_only = fields.Boolean(
        "Read-only",
        help="No user can change data or call methods through MCP. This overrides all other settings.",
    )
    mcp_confirm = fields.Selection(
        [
            ("none", "Nothing"),
            ("destructive", "Overwriting, deletion and method calls"),
            ("all", "All changes"),
        ],
        string="Require Confirmation For",
        required=True,
        default="none",
        help="MCP asks the user of the AI client before it runs such a call. The question (elicitation) names the "
        "change and the records. If the client cannot ask, the AI model receives this information instead and must "
        "call again with a single-use token. An access record can require more confirmations for its model and exempt "
        "methods.",
    )
    mcp_confirm_person = fields.Boolean(
        "Confirmation by a Person",
        help="If the client cannot ask a person, MCP refuses a call that requires confirmation. If this is not set, "
        "the AI model can confirm the call itself after it receives the description of the change.",
    )
    mcp_ip_strategy = fields.Selection(
        [
            ("off", "Any address"),
            ("allow", "Only these addresses"),
            ("deny", "All except these addresses"),
        ],
        string="IP Filter",
        required=True,
        default="off",
        help="MCP answers requests from other addresses with status 403, regardless of the credentials. It uses the "
        "client address that Odoo determines. Behind a proxy, Odoo's proxy mode must be on. An API key can have an "
        "additional list of addresses.",
    )
    mcp_ip_networks = fields.Text(
        "Addresses and Networks",
        help="Write one per line, such as 192.0.2.7, 198.51.100.0/24 or 2001:db8::/32. A # starts a comment.",
    )
    mcp_rate_per_minute = fields.Integer(
        "Rate Limit (per Minute)",
        help="Average number of messages per minute that each user and each API key can send. The scope of a key can "
        "set a lower rate limit. 0 means no limit.",
    )
    mcp_rate_burst = fields.Integer(
        "Burst", help="Number of messages that can arrive at once after a period without messages."
    )
    mcp_max_concurrent = fields.Integer(
        "Concurrent Calls",
        help="Concurrency limit: the number of calls that Odoo runs at the same time for one API key, or for one user "
        "who signs in with the password. 0 means no limit.",
    )
    mcp_lockout_failures = fields.Integer(
        "Failed Attempts before Lockout",
        help="After this number of failed attempts, MCP locks out the login or API key from the address of the "
        "attempts. After ten times this number, MCP locks out the address itself, except for keys that it used before. "
        "0 means no lockout.",
    )
    mcp_lockout_minutes = fields.Integer(
        "Lockout Duration (Minutes)",
        help="The failed attempts must occur within this number of minutes. The first lockout lasts the same time. "
        "Each further lockout lasts twice as long, up to one day. An MCP administrator can end a lockout under MCP, "
        "Monitoring, Lockouts.",
    )
    mcp_max_records = fields.Integer("Maximum Records", help="Maximum number of records that a call returns.")
    mcp_default_records = fields.Integer(
        "Default Records", help="Number of records that a search without a limit returns."
    )
    mcp_call_seconds = fields.Integer(
        "Statement Timeout (Seconds)",
        help="PostgreSQL cancels a database statement of a call that takes longer. Set it below Odoo's own time limit "
        "for requests.",
    )
    mcp_max_body_mb = fields.Integer("Maximum Request Size (MB)", help="MCP refuses larger requests.")
    mcp_max_answer_kb = fields.Integer(
        "Maximum Answer Size (kB)", help="MCP truncates longer answers and adds a note on how to continue."
    )
    mcp_max_file_mb = fields.Integer(
        "Maximum File Size (MB)",
        help="Clients cannot attach larger files to records. Maximum Request Size also limits files, because a file "
        "is one third larger in a request.",
    )
    mcp_audit_days = fields.Integer(
        "Audit Retention (Days)", help="Odoo deletes rows of the audit log after this number of days."
    )
    mcp_audit_values = fields.Boolean(
        "Audit Values",
        help="The audit log records field values before and after each change by the tools create, write and unlink. "
        "MCP administrators can read these values regardless of their access rights on the records. MCP redacts "
        "passwords and the names below.",
    )
    mcp_audit_redact = fields.Char(
        "Redacted Names",
        help="Additional fields, arguments, parameters or methods whose values MCP redacts in the audit log. Write "
        "technical names separated by commas, such as wage,bank_account. MCP always redacts names that mean a "
        "password, a token or a key.",
    )
    mcp_audit_request_kb = fields.Integer(
        "Audited Parameters (kB)",
        help="The audit log truncates longer parameters and changes of a call.",
    )
    mcp_instructions = fields.Text(
        "Instructions for the AI",
        help="A few sentences that every AI model should know about this company's Odoo, such as important models, "
        "special terms, and questions to ask before a change. A client receives this text when it connects, after the "
        "server's own text about the user's tools. The text can have at most 2000 characters. Do not write secrets "
        "here. The text does not restrict access; access rights do.",
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
                "Ask the PostgreSQL administrator to run: CREATE EXTENSION odoo_mcp SCHEMA public;"
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
                    "MCP Server: the instructions have %(length)s characters. The limit is %(most)s characters.",
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
            _("Add %(address)s to the addresses if you want to use your own AI client from here.", address=address)
            if self.mcp_ip_strategy == "allow"
            else _("Remove the line that contains it if you want to use your own AI client from here.")
        )
        title = _("The IP filter blocks your own address")
        message = _("Your address is %(address)s. With these settings, it cannot use /mcp.", address=address)
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

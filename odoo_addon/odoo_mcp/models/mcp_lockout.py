# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError

_logger = logging.getLogger(__name__)

NAMES = {"login": "login", "key": "API key", "address": "address"}


class McpLockout(models.Model):
    """Failed attempts and lockouts, written by the database core (table in ``schema.sql``)."""

    _name = "mcp.lockout"
    _description = "MCP Lockout"
    _auto = False
    _order = "last_attempt desc, id desc"
    _rec_name = "address"

    kind = fields.Selection(
        [("login", "Login"), ("key", "API Key"), ("address", "Address")],
        readonly=True,
        help="The target of the lockout: a login or an API key from this address, or the entire address.",
    )
    subject = fields.Char(
        "Login or Key",
        readonly=True,
        help="The login, or the first letters of the API key. A dash means that the text did not look like an API key.",
    )
    address = fields.Char(
        readonly=True, help="The address that sent the wrong credentials. For IPv6 this is the /64 network."
    )
    failures = fields.Integer(
        "Failed Attempts",
        readonly=True,
        help="Failed attempts since the start of the window. Attempts that are being verified are included.",
    )
    window_start = fields.Datetime(readonly=True, help="The time of the first failed attempt in the window.")
    last_attempt = fields.Datetime(readonly=True)
    locked_until = fields.Datetime(readonly=True)
    times = fields.Integer(
        "Lockouts",
        readonly=True,
        help="Number of lockouts so far. Each lockout lasts twice as long as the previous one.",
    )
    state = fields.Selection(
        [("locked", "Locked Out"), ("open", "Not Locked")], compute="_compute_state", search="_search_state"
    )

    @api.depends("locked_until")
    def _compute_state(self):
        now = fields.Datetime.now()
        for lockout in self:
            lockout.state = "locked" if lockout.locked_until and lockout.locked_until > now else "open"

    def _search_state(self, operator, value):
        if operator not in ("=", "!=", "in", "not in"):
            raise UserError(_("A search can compare the state of a lockout only with a list of states."))
        wanted = {value} if isinstance(value, str) else set(value or ())
        if operator in ("!=", "not in"):
            wanted = {"locked", "open"} - wanted
        now = fields.Datetime.now()
        locked = [("locked_until", ">", now)]
        is_open = ["|", ("locked_until", "=", False), ("locked_until", "<=", now)]
        if {"locked", "open"} <= wanted:
            return [("id", "!=", False)]
        return locked if "locked" in wanted else is_open if "open" in wanted else [("id", "=", False)]

    def action_clear(self):
        """Delete the failed attempts, so that the user can try again at once."""
        self._check_administrator()
        for lockout in self:
            _logger.info(
                "MCP lockout of %s %r from %s ended by user %s",
                NAMES.get(lockout.kind, lockout.kind),
                lockout.subject or "",
                lockout.address,
                self.env.uid,
            )
        self.env.cr.execute("DELETE FROM public.mcp_lockout WHERE id = ANY(%s)", (self.ids,))
        self.invalidate_recordset()
        return True

    def _check_administrator(self):
        """Raise ``AccessError`` unless the user is an MCP administrator."""
        if not self.env.user.has_group("odoo_mcp.group_mcp_administrator"):
            raise AccessError(_("Only an MCP administrator can end a lockout."))

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise self._read_only_error()

    def write(self, vals):  # pylint: disable=method-required-super
        raise self._read_only_error()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise self._read_only_error()

    def _read_only_error(self):
        return AccessError(_("Only the database writes MCP lockouts. You can clear a lockout instead."))

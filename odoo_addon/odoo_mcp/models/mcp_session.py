# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError


class McpSession(models.Model):
    """A session of the handshake versions of MCP, written by the database core (table in ``schema.sql``)."""

    _name = "mcp.session"
    _description = "MCP Session"
    _auto = False
    _order = "id desc"
    _rec_name = "client_name"

    session_id = fields.Char(readonly=True, groups="odoo_mcp.group_mcp_administrator")
    user_id = fields.Many2one("res.users", readonly=True)
    api_key_id = fields.Integer("API Key ID", readonly=True)
    protocol_version = fields.Char(readonly=True)
    client_name = fields.Char("Client", readonly=True)
    client_version = fields.Char(readonly=True)
    log_level = fields.Char(readonly=True, help="The lowest level of log messages that the client requested.")
    remote_addr = fields.Char("Address", readonly=True)
    user_agent = fields.Char(readonly=True)
    create_date = fields.Datetime("Opened", readonly=True)
    last_seen = fields.Datetime(readonly=True)
    expires_at = fields.Datetime("Expires", readonly=True)
    closed_at = fields.Datetime("Closed", readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("expired", "Expired"), ("closed", "Closed")],
        compute="_compute_state",
        search="_search_state",
    )

    @api.depends("expires_at", "closed_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for session in self:
            if session.closed_at:
                session.state = "closed"
            else:
                session.state = "open" if session.expires_at and session.expires_at > now else "expired"

    def _search_state(self, operator, value):
        now = fields.Datetime.now()
        domains = {
            "open": ["&", ("closed_at", "=", False), ("expires_at", ">", now)],
            "expired": ["&", ("closed_at", "=", False), ("expires_at", "<=", now)],
            "closed": [("closed_at", "!=", False)],
        }
        wanted = {value} if isinstance(value, str) else set(value or ())
        if operator in ("!=", "not in"):
            wanted = set(domains) - wanted
        elif operator not in ("=", "in"):
            raise UserError(_("A search can compare the state of a session only with a list of states."))
        chosen = [domain for state, domain in domains.items() if state in wanted]
        if not chosen:
            return [("id", "=", False)]
        return ["|"] * (len(chosen) - 1) + [leaf for domain in chosen for leaf in domain]

    def action_close(self):
        """End the sessions: their next request gets 404 and the client opens a new one."""
        self.read(["closed_at"])
        self.env.cr.execute(
            "UPDATE public.mcp_session SET closed_at = pg_catalog.timezone('UTC', pg_catalog.now())"
            " WHERE id = ANY(%s) AND closed_at IS NULL",
            (self.ids,),
        )
        self.invalidate_recordset(["closed_at", "state"])
        return True

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise self._read_only_error()

    def write(self, vals):  # pylint: disable=method-required-super
        raise self._read_only_error()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise self._read_only_error()

    def _read_only_error(self):
        return AccessError(_("Only the database writes MCP sessions. You can close a session instead."))

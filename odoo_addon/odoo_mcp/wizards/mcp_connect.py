# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import _, api, fields, http, models

from .. import compat
from ..connect import configurations

PATH = "/mcp"


class McpConnect(models.AbstractModel):
    """Instructions to connect a client to this database. It has no table and shows no secret."""

    _name = "mcp.connect"
    _description = "Connect an AI Client"

    id = fields.Id()
    address = fields.Char("Server Address", readonly=True)
    database = fields.Char(readonly=True)
    note = fields.Char(readonly=True)
    claude_code = fields.Text(readonly=True)
    claude_desktop = fields.Text(readonly=True)
    cursor = fields.Text(readonly=True)
    vscode = fields.Text("VS Code", readonly=True)
    gemini = fields.Text("Gemini CLI", readonly=True)

    @api.model
    def default_get(self, fields_list):
        """Compute all values when the page opens."""
        values = super().default_get(fields_list)
        database = self.env.cr.dbname
        told = self._is_one_of_many(database)
        facts = {"address": self._address(), "database": database, "note": self._note(told)}
        facts.update(configurations(facts["address"], database if told and compat.database_header() else None))
        return {**values, **{name: value for name, value in facts.items() if name in fields_list}}

    @api.model
    def _address(self):
        """Return the address of this server for clients, from the system parameter ``web.base.url``."""
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url") or ""
        return base.rstrip("/") + PATH

    @api.model
    def _is_one_of_many(self, database):
        """Whether the server has several databases at this address, so that a client must name one."""
        if not http.request:
            return False
        names = http.db_list(force=True, host=http.request.httprequest.host)
        return any(name != database for name in names)

    @api.model
    def _note(self, one_of_many):
        if not one_of_many:
            return False
        if compat.database_header():
            return _("This address has several databases. The header X-Odoo-Database selects one of them.")
        return _(
            "This address has several databases, and a client cannot select one of them. Set Odoo's option dbfilter so "
            "that each address has one database."
        )

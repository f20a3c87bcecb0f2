# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import cursor_cache, schema

# Calls that read, created, changed or deleted a record, newest first, by the index on model and id. Parameters: model,
# list of its id as JSON, limit.
CALLS_OF_RECORD = """
    SELECT id FROM public.mcp_audit_log
    WHERE model = %s AND record_ids IS NOT NULL AND record_ids::jsonb @> %s::jsonb
    ORDER BY id DESC LIMIT %s"""
MOST_CALLS = 10_000
# Maximum runs of maintenance, each in its own transaction and limited in its work.
MOST_RUNS = 500


class McpAuditLog(models.Model):
    """One row for each JSON-RPC message, written by the database core.

    ``schema.sql`` creates the table, without foreign keys: a row outlives the records that it names.
    """

    _name = "mcp.audit.log"
    _description = "MCP Audit Log"
    _auto = False
    _order = "id desc"
    _rec_name = "call_id"

    call_id = fields.Char(readonly=True)
    create_date = fields.Datetime("Time", readonly=True)
    user_id = fields.Many2one("res.users", readonly=True)
    login = fields.Char(
        readonly=True, help="The login of the user at the time of the call, or the login of a failed attempt."
    )
    api_key_id = fields.Integer("API Key ID", readonly=True)
    api_key_name = fields.Char("API Key", readonly=True)
    session_id = fields.Char(readonly=True)
    client_name = fields.Char("Client", readonly=True)
    client_version = fields.Char(readonly=True)
    protocol_version = fields.Char(readonly=True)
    http_method = fields.Char("HTTP Method", readonly=True)
    method = fields.Char(readonly=True, help="JSON-RPC method")
    tool = fields.Char(readonly=True)
    resource_uri = fields.Char("Resource", readonly=True)
    prompt = fields.Char(readonly=True)
    model = fields.Char(readonly=True)
    record_ids = fields.Json("Record IDs", readonly=True)
    request = fields.Json("Parameters", readonly=True)
    status = fields.Selection(
        [
            ("ok", "Done"),
            ("error", "Error"),
            ("denied", "Denied"),
            ("refused", "Refused"),
            ("failed", "Failed"),
            ("died", "Died"),
            ("cancelled", "Cancelled"),
            ("input_required", "Input Required"),
            ("asked", "Asked to Confirm"),
            ("declined", "Declined"),
            ("repeated", "Repeated"),
            ("dry_run", "Dry Run"),
        ],
        readonly=True,
    )
    http_status = fields.Integer("HTTP Status", readonly=True)
    error_code = fields.Integer(readonly=True)
    error = fields.Char(readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    response_bytes = fields.Integer("Bytes", readonly=True)
    remote_addr = fields.Char("Address", readonly=True)
    forwarded = fields.Char(
        "Untrusted Proxy Address",
        readonly=True,
        help="The client address that a proxy sent and Odoo did not trust. Either Odoo's proxy mode is off, or the "
        "proxy does not send X-Forwarded-Host.",
    )
    user_agent = fields.Char(readonly=True)
    duration_ms = fields.Float("Duration (ms)", digits=(16, 1), readonly=True)
    path = fields.Selection(
        [("core", "Database"), ("orm", "Odoo")],
        "Answered By",
        readonly=True,
        help="The component that answered the call.",
    )
    door = fields.Selection(
        [("fast", "Fast Path"), ("ordinary", "Odoo Routing"), ("sql", "SQL Function")],
        "Route",
        readonly=True,
        help="The way in which Odoo received the request.",
    )
    refusal = fields.Char(
        readonly=True, help="The address, reason and minute of requests that MCP refused before authentication."
    )
    count = fields.Integer(readonly=True, help="Number of refused requests in this row.")
    changes = fields.Json(
        readonly=True,
        groups="odoo_mcp.group_mcp_administrator",
        help="Values before and after the change, if the setting Audit Values is on. Times are in UTC.",
    )
    record = fields.Char(
        compute="_compute_texts",
        search="_search_record",
        help="A record that the call used, as model and id, such as res.partner,7.",
    )
    changes_text = fields.Text("Changes", compute="_compute_changes_text", groups="odoo_mcp.group_mcp_administrator")
    request_text = fields.Text("Request", compute="_compute_texts")
    record_ids_text = fields.Char("Records", compute="_compute_texts")

    def init(self):
        schema.create_tables(self.env.cr)
        schema.watch_catalogue(self.env.cr)
        schema.update_extension(self.env.cr)

    @api.depends("request", "model", "record_ids")
    def _compute_texts(self):
        for row in self:
            row.request_text = json.dumps(row.request, indent=2, ensure_ascii=False) if row.request else False
            row.record_ids_text = ", ".join(map(str, row.record_ids)) if row.record_ids else False
            row.record = f"{row.model},{row.record_ids[0]}" if row.model and row.record_ids else False

    @api.depends("changes")
    def _compute_changes_text(self):
        for row in self:
            row.changes_text = "\n".join(_change_lines(row.changes or {})) or False

    @api.model
    def _search_record(self, operator, value):
        if operator not in ("=", "in"):
            raise UserError(_("Search for a record by its model and id, such as res.partner,7."))
        ids = []
        for text in [value] if isinstance(value, str) else value:
            model, _comma, record_id = (text or "").partition(",")
            if not record_id.isdigit():
                raise UserError(_("%s is not the model and id of a record. Write it like res.partner,7.", text))
            self.env.cr.execute(CALLS_OF_RECORD, (model, f"[{int(record_id)}]", MOST_CALLS))
            ids += [row_id for (row_id,) in self.env.cr.fetchall()]
        return [("id", "in", ids)]

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise self._read_only_error()

    def write(self, vals):  # pylint: disable=method-required-super
        raise self._read_only_error()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise self._read_only_error()

    def _read_only_error(self):
        return AccessError(_("Only the database writes the MCP audit log. Nobody can change its rows."))

    @api.model
    def _maintain(self):
        """Let the core expire sessions, settle interrupted calls and apply the retention of the audit log.

        Uses its own cursor: the core works in short transactions that commit by themselves.
        """
        with cursor_cache.borrowed(self.env.cr.dbname) as kept:
            for _run in range(MOST_RUNS):
                done = kept.value("SELECT public.mcp_maintain()")
                if isinstance(done, str):
                    done = json.loads(done)
                if not done["more"]:
                    break


def _change_lines(changes):
    """Return one line for each field of each record: the values before and after."""
    before, after = changes.get("before") or {}, changes.get("after") or {}
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return [json.dumps(changes, indent=2, ensure_ascii=False)]
    lines = []
    for record_id in dict.fromkeys([*before, *after]):
        old, new = before.get(record_id), after.get(record_id)
        if not (isinstance(old or {}, dict) and isinstance(new or {}, dict)):
            lines.append(f"{record_id}: {old} → {new}")
            continue
        for name in dict.fromkeys([*(old or {}), *(new or {})]):
            was = json.dumps(old.get(name), ensure_ascii=False) if old else "(new)"
            now = json.dumps(new.get(name), ensure_ascii=False) if new else "(deleted)"
            lines.append(f"{record_id} {name}: {was} → {now}")
    return lines

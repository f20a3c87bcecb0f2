# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Installation and removal. The extension is created first and dropped last."""

from odoo import http

from . import compat, schema


def pre_init_hook(env_or_cr):
    """Create the extension first, so that the installation fails at once on a server without its files."""
    schema.create_extension(compat.as_environment(env_or_cr).cr)


def post_init_hook(env_or_cr, registry=None):
    """Make the installing user an MCP administrator, and set values that data files cannot."""
    env = compat.as_environment(env_or_cr)
    administrators = env.ref("odoo_mcp.group_mcp_administrator")
    compat.group_as_privilege(env, env.ref("odoo_mcp.group_mcp_user") | administrators)
    compat.repeat_forever(env.ref("odoo_mcp.ir_cron_mcp_maintenance"))
    users = env.ref("base.user_root") | env.ref("base.user_admin") | _installing_user(env)
    administrators.write({compat.GROUP_USERS_FIELD: [(4, user.id) for user in users]})
    schema.forget_changes(env.cr)


def _installing_user(env):
    """Return the user of the browser's request; an installation from the command line has none."""
    uid = http.request.session.uid if http.request and http.request.session else None
    return env["res.users"].browse(uid or []).exists()


def uninstall_hook(env_or_cr, registry=None):
    """Remove everything: the extension, tables, settings, and the API keys made for MCP alone."""
    env = compat.as_environment(env_or_cr)
    # These keys would be useless; their scopes are deleted with them.
    env["res.users.apikeys"].search([("scope", "=", "mcp")]).unlink()
    # A group that a rule names cannot be deleted, and this app's groups are about to be.
    env["mcp.access"].with_context(active_test=False).search([]).unlink()
    schema.drop(env.cr)
    env["ir.config_parameter"].search([("key", "=like", r"odoo\_mcp.%")]).unlink()

"""The least that a route of Odoo's own costs."""

from odoo import http


class Empty(http.Controller):
    """A route without a user, a session or a query of its own."""

    @http.route("/odoo_mcp_bench/empty", type="http", auth="none", save_session=False)
    def empty(self):
        """Two bytes."""
        return "ok"

"""The lowest cost of a route in Odoo."""

from odoo import http


class Empty(http.Controller):
    """A route without a user, a session or a query of its own."""

    @http.route("/odoo_mcp_bench/empty", type="http", auth="none", save_session=False)
    def empty(self):
        """Returns two bytes."""
        return "ok"

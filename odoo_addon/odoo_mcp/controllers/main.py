# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The ordinary route of ``/mcp``, for requests that the fast path leaves to Odoo; 404 for OAuth discovery."""

from werkzeug.wrappers import Response

from odoo import http
from odoo.http import request

from .. import compat
from . import fast_door, unavailable
from .databases import Choice
from .exchange import exchange
from .http_message import METHODS, HttpRequest

DISCOVERY = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/mcp",
]


class RawDispatcher(http.HttpDispatcher):
    """Does not read the body: Odoo's own dispatcher would parse a form before the route could read it."""

    routing_type = "mcp"

    @classmethod
    def is_compatible_with(cls, request):
        """Apply only to the route that asks for it, never by inference from a request."""
        return request.httprequest.path.rstrip("/") == fast_door.PATH

    def dispatch(self, endpoint, args):
        """Call the route without parameters."""
        self.request.params = {}
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def handle_error(self, exc):
        """Answer an error as the exchange does, never with a page."""
        return _response(unavailable.reply(exc, "-"))


class McpController(http.Controller):
    """The replies of ``/mcp`` and of the addresses next to it."""

    @http.route(
        fast_door.PATH, type="mcp", auth="none", csrf=False, save_session=False, methods=METHODS, **compat.ROUTE_OPTIONS
    )
    def mcp(self):
        """Run one exchange with the core, without using the request's own cursor."""
        http_request = HttpRequest(compat.raw_environ(request.httprequest), "ordinary")
        return _response(exchange(http_request, Choice(request.db, None)))

    @http.route(DISCOVERY, type="http", auth="none", csrf=False, save_session=False, **compat.ROUTE_OPTIONS)
    def no_oauth(self):
        """Reply 404: with a page here a client would ignore its API key."""
        return Response("Not Found", 404, content_type="text/plain")


def _response(reply):
    response = Response(reply.body, reply.status_line)
    del response.headers["Content-Type"]
    for name, value in reply.header_list():
        response.headers[name] = value
    return response

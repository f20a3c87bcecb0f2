# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The fast path: serves exactly ``/mcp`` in the WSGI application, before Odoo builds a request.

Every doubtful request goes to Odoo's ordinary route, which gives the same answers. This module replaces one answer of
Odoo: without its database server Odoo finds no database and replies 404. Clients would understand that as the end of
their session.
"""

import contextlib
import functools
import logging
import os
import threading

import psycopg2
from psycopg2.pool import PoolError

from odoo import http
from odoo.tools import config

from .. import compat
from . import databases, unavailable
from .exchange import exchange
from .http_message import METHOD_AS_SENT, METHODS, HttpRequest

_logger = logging.getLogger(__name__)

PATH = "/mcp"
SWITCH = "ODOO_MCP_FAST_DOOR"


def install():
    """Install the fast path before Odoo's WSGI application; a second call does nothing."""
    original = http.Application.__call__
    if hasattr(original, "mcp_original"):
        return
    is_open = os.environ.get(SWITCH, "1").strip().lower() not in ("0", "false", "no", "off")

    @functools.wraps(original)
    def call(self, environ, start_response):
        if environ.get("PATH_INFO") != PATH:
            return original(self, environ, start_response)
        reply = _serve(environ) if is_open else None
        if reply is None:
            ordinary = functools.partial(original, self, _routable(environ))
            return _or_unavailable(ordinary, environ, start_response)
        return _send(reply, environ, start_response)

    call.mcp_original = original
    http.Application.__call__ = call


def _routable(environ):
    """Return the environment with a method that Odoo's routing accepts."""
    method = environ.get("REQUEST_METHOD", "")
    if method in METHODS:
        return environ
    return {**environ, "REQUEST_METHOD": "PUT", METHOD_AS_SENT: method}


def _send(reply, environ, start_response):
    start_response(reply.status_line, reply.header_list())
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else reply.body]


def _or_unavailable(ordinary, environ, start_response):
    """Return the ordinary route's answer, or a refusal if it fails while the database server is down."""
    held, released = [], []

    def hold(*head):
        if released:
            return start_response(*head)
        held[:] = head
        return lambda data: None

    body = ordinary(hold)
    released.append(True)
    if held and _is_failure_of_odoo(*held[:2]) and not compat.under_test():
        error = _trouble_with_server()
        if error is not None:
            getattr(body, "close", lambda: None)()
            return _send(unavailable.reply(error, "-"), environ, start_response)
    if held:
        start_response(*held)
    return body


def _is_failure_of_odoo(status, headers):
    # Replies of the core and of this addon are JSON.
    of_ours = any(name.lower() == "content-type" and value.startswith("application/json") for name, value in headers)
    return status.startswith(("404", "500")) and not of_ours


def _trouble_with_server():
    """Return why the database server cannot be reached at the moment, or None."""
    try:
        with contextlib.closing(compat.sql_db.db_connect("postgres").cursor()) as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        return error if unavailable.is_unreachable(error) else None
    except PoolError:
        return None
    return None


def _serve(environ):
    """Return the reply, or None when Odoo's ordinary route must serve the request."""
    if "session_id=" in environ.get("HTTP_COOKIE", "") or compat.under_test():
        return None
    compat.reset_thread_state()
    request = HttpRequest(_behind_proxy(environ), "fast")
    reply = _reply(request)
    if reply is databases.CHANGED:
        reply = _reply(request, anew=True)
    if reply is databases.CHANGED:
        reply = None
    if reply is None and request.body.was_read:
        environ["wsgi.input"] = request.body.put_back()
    return reply


def _reply(request, anew=False):
    try:
        choice = databases.choose(request.environ, anew)
    except psycopg2.Error:
        return None
    if choice is None:
        return None
    thread = threading.current_thread()
    thread.dbname = choice.database
    thread.url = f"{request.environ.get('wsgi.url_scheme', 'http')}://{request.environ.get('HTTP_HOST', '')}{PATH}"
    return exchange(request, choice)


def _behind_proxy(environ):
    # Odoo's own condition: without X-Forwarded-Host it ignores all headers of a proxy.
    if config["proxy_mode"] and environ.get("HTTP_X_FORWARDED_HOST"):
        # The proxy's headers must not be applied twice to the environment of the ordinary route.
        environ = dict(environ)
        http.ProxyFix(lambda environ, start_response: [])(environ, None)
    return environ

"""Two reference rows. Odoo loads this module server-wide, so that no database needs to install it."""

from odoo import http
from odoo.service import server

from . import controllers

FLOOR = "/odoo_mcp_bench/floor"
# Odoo's backlog is 8 connections for each worker. A client beyond it is dropped and retries after a second.
QUEUE = 128

_odoo = http.Application.__call__


def _with_floor(self, environ, start_response):
    # The lowest possible cost of an answer: the WSGI application answers before Odoo builds its Request.
    if environ["PATH_INFO"] == FLOOR:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]
    return _odoo(self, environ, start_response)


_start = server.PreforkServer.start


def _with_queue(self):
    _start(self)
    if self.socket:
        self.socket.listen(QUEUE)


http.Application.__call__ = _with_floor
server.PreforkServer.start = _with_queue

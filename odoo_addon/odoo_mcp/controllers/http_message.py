# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""HTTP request and reply, in the form that the fast path and the ordinary route share."""

import base64
import collections
from http import HTTPStatus

from .body import SMALL, Body

PASSED_HEADERS = {
    "HTTP_ACCEPT": "accept",
    "CONTENT_TYPE": "content-type",
    "HTTP_CONTENT_ENCODING": "content-encoding",
    "CONTENT_LENGTH": "content-length",
    "HTTP_TRANSFER_ENCODING": "transfer-encoding",
    "HTTP_HOST": "host",
    "HTTP_ORIGIN": "origin",
    "HTTP_USER_AGENT": "user-agent",
    "HTTP_LAST_EVENT_ID": "last-event-id",
    "HTTP_X_FORWARDED_FOR": "x-forwarded-for",
    "HTTP_X_FORWARDED_HOST": "x-forwarded-host",
    "HTTP_FORWARDED": "forwarded",
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "access-control-request-method",
    "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "access-control-request-headers",
}
# The methods that Odoo's routing accepts; the core answers the others too.
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# Key in the environment of the original method, where Odoo's routing would answer it with a page of its own.
METHOD_AS_SENT = "odoo_mcp.method"
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class HttpRequest:
    """One HTTP request. ``door``: its entry point, ``fast`` or ``ordinary``."""

    in_batch = False

    def __init__(self, environ, door):
        self.environ = environ
        self.door = door
        self.method = environ.get(METHOD_AS_SENT) or environ.get("REQUEST_METHOD", "")
        self.path = environ.get("PATH_INFO", "")
        self.remote_addr = environ.get("REMOTE_ADDR", "")
        self.body = Body(environ)
        self.early_text = None

    @property
    def authorization(self):
        """Return the value of the ``Authorization`` header, or None."""
        return self.environ.get("HTTP_AUTHORIZATION")

    def read_early(self):
        """Read a small body before the first statement: the core can then answer in one statement.

        A problem with the body is reported only after the gate, so the body is then left as it is.
        """
        if self.body.is_small:
            raw, _error = self.body.take(SMALL)
            self.early_text = None if raw is None else utf8_text(raw)

    def headers(self):
        """Return the headers that the core reads."""
        environ = self.environ
        headers = {}
        for key, name in PASSED_HEADERS.items():
            value = environ.get(key)
            # An empty header without the HTTP_ prefix was not sent.
            if value or (value is not None and key.startswith("HTTP_")):
                headers[name] = text_or_base64(value)
        for key in environ:
            if key.startswith("HTTP_MCP_"):
                headers[key[5:].lower().replace("_", "-")] = text_or_base64(environ[key])
        return headers


class BatchMessage(HttpRequest):
    """One message of a batch, like a separate request."""

    in_batch = True

    def __init__(self, whole, text):
        super().__init__(whole.environ, whole.door)
        self.early_text = text


def text_or_base64(value):
    """Return a header's WSGI value (bytes as Latin-1) in a form that ``jsonb`` can store."""
    if value.isascii() and "\0" not in value:
        return value
    raw = value.encode("latin-1", "replace")
    text = utf8_text(raw)
    return {"base64": base64.b64encode(raw).decode("ascii")} if text is None else text


def utf8_text(raw):
    """Return ``raw`` as text, or None for invalid UTF-8 and for a NUL, which ``jsonb`` cannot store."""
    if b"\0" in raw:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


class Reply(collections.namedtuple("Reply", ("status", "headers", "body"))):
    """One HTTP reply: status, a dict of headers, and the body's bytes."""

    @property
    def status_line(self):
        """Return status and reason in the form of WSGI."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Unknown"

    def header_list(self):
        """Return the headers for WSGI, with the body's length and the headers that Odoo adds to its own replies."""
        headers = [(name, str(value)) for name, value in self.headers.items()]
        headers.append(("X-Content-Type-Options", "nosniff"))
        if self.status not in BODILESS:
            headers.append(("Content-Length", str(len(self.body))))
        return headers


def reply_of(head, body):
    """Convert the core's ``reply`` and its body to a ``Reply``."""
    return Reply(int(head["status"]), head.get("headers") or {}, body.encode())

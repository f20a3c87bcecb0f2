# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Request and reply as both doors hand them to the exchange."""

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
# Those that Odoo's routing lets through; what others get, the core says too.
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# In the environment, in place of a method that Odoo's routing would refuse with a page of its own.
METHOD_AS_SENT = "odoo_mcp.method"
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class HttpRequest:
    """One HTTP request, whichever door it came through."""

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
        """The value of the ``Authorization`` header, or None."""
        return self.environ.get("HTTP_AUTHORIZATION")

    def read_early(self):
        """Take a small body before anybody is asked: the core can then answer in one statement.

        What is wrong with a body is told after the gate only, so it is then left as it is.
        """
        if self.body.is_small:
            raw, _error = self.body.take(SMALL)
            self.early_text = None if raw is None else utf8_text(raw)

    def headers(self):
        """The headers that the core looks at."""
        environ = self.environ
        headers = {}
        for key, name in PASSED_HEADERS.items():
            value = environ.get(key)
            # An empty one of those without a prefix was not sent.
            if value or (value is not None and key.startswith("HTTP_")):
                headers[name] = text_or_base64(value)
        for key in environ:
            if key.startswith("HTTP_MCP_"):
                headers[key[5:].lower().replace("_", "-")] = text_or_base64(environ[key])
        return headers


class BatchMessage(HttpRequest):
    """One message of a batch, as if it had come alone."""

    in_batch = True

    def __init__(self, whole, text):
        super().__init__(whole.environ, whole.door)
        self.early_text = text


def text_or_base64(value):
    """A header's value as WSGI gives it (bytes seen as Latin-1), in a form that ``jsonb`` can carry."""
    if value.isascii() and "\0" not in value:
        return value
    raw = value.encode("latin-1", "replace")
    text = utf8_text(raw)
    return {"base64": base64.b64encode(raw).decode("ascii")} if text is None else text


def utf8_text(raw):
    """``raw`` as text, or None when it is not valid UTF-8 or holds a NUL, which ``jsonb`` cannot carry."""
    if b"\0" in raw:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


class Reply(collections.namedtuple("Reply", ("status", "headers", "body"))):
    """One HTTP answer: status, a dict of headers, the body's bytes."""

    @property
    def status_line(self):
        """Status and reason, as WSGI wants them."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Unknown"

    def header_list(self):
        """The headers for WSGI, with the length of the body and what Odoo's own layer adds to its answers."""
        headers = [(name, str(value)) for name, value in self.headers.items()]
        headers.append(("X-Content-Type-Options", "nosniff"))
        if self.status not in BODILESS:
            headers.append(("Content-Length", str(len(self.body))))
        return headers


def reply_of(head, body):
    """The core's ``reply`` and its body as a ``Reply``."""
    return Reply(int(head["status"]), head.get("headers") or {}, body.encode())

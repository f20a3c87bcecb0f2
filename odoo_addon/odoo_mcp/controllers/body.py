# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reads a request's body from the WSGI environment up to a size limit, and reports why it is incomplete."""

import io

CHUNK = 65536
# Limit for the unread rest: a client that is still sending sees no reply. Beyond it the connection is cut.
MOST_DRAINED = 64 * 1024 * 1024
# Up to this size the body is read before the first statement, so that the core can answer in one statement.
SMALL = 65536


class Body:
    """The body of one request."""

    def __init__(self, environ):
        self._stream = environ.get("wsgi.input")
        self._left = 0  # bytes that the client has yet to send; None: until the stream ends
        self.length = None
        self.malformed = False
        self._taken = None
        self._read = []
        length = environ.get("CONTENT_LENGTH", "").strip()
        if environ.get("HTTP_TRANSFER_ENCODING", "").strip():
            # The server decodes chunked encoding and no other.
            self.malformed = not environ.get("wsgi.input_terminated")
            self._left = 0 if self.malformed else None
        elif length:
            self.malformed = not (length.isascii() and length.isdigit() and len(length) < 19)
            if not self.malformed:
                self.length = self._left = int(length)

    @property
    def is_small(self):
        """Whether the length is known to be at most ``SMALL``."""
        return not self.malformed and self._left is not None and self._left <= SMALL

    def take(self, limit):
        """Return ``(body, None)``, or ``(None, error)`` with the contract's ``body_error``; repeatable."""
        if self._taken is None:
            self._taken = self._take(limit)
        return self._taken

    @property
    def was_read(self):
        """Whether anything was read from the stream."""
        return self._taken is not None

    def put_back(self):
        """Return a stream that starts with the bytes already read, for the next reader of the request."""
        return io.BytesIO(b"".join(self._read))

    def _take(self, limit):
        if self.malformed:
            return None, {"kind": "malformed"}
        if self.length is not None and self.length > limit:
            return None, {"kind": "too_large", "limit": limit}
        received = 0
        for part in self._parts():
            if part is None:
                return None, self._broken(received)
            received += len(part)
            if received > limit:
                return None, {"kind": "too_large", "limit": limit}
            self._read.append(part)
        if self.length is not None and received < self.length:
            return None, self._broken(received)
        self._read = [b"".join(self._read)]
        return self._read[0], None

    def drain(self):
        """Read and discard the rest that the client is still sending, so that it gets to see the reply."""
        drained = 0
        for part in self._parts():
            if part is None:
                return
            drained += len(part)
            if drained > MOST_DRAINED:
                return

    def _broken(self, received):
        if self.length is None:
            return {"kind": "malformed"}
        return {"kind": "truncated", "expected": self.length, "received": received}

    def _parts(self):
        """Yield pieces as they arrive; None when the stream breaks."""
        # A buffered stream keeps the bytes before a timeout, unless it is read one piece at a time.
        read = getattr(self._stream, "read1", None) or self._stream.read
        while self._left is None or self._left > 0:
            try:
                part = read(CHUNK if self._left is None else min(CHUNK, self._left))
            except (OSError, ValueError):  # timeout, reset, bad chunk
                self._left = 0
                yield None
                return
            if not part:
                self._left = 0
                return
            if self._left is not None:
                self._left -= len(part)
            yield part

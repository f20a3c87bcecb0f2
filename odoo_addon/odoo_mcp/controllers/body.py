# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reading a request's body from the WSGI environment, bounded, and told exactly when it is not whole."""

import io

CHUNK = 65536
# A client that is still sending does not see an answer; beyond this its connection is cut.
MOST_DRAINED = 64 * 1024 * 1024
# Up to this a body is read before anybody is asked, so that the core can answer in one statement.
SMALL = 65536


class Body:
    """The body of one request."""

    def __init__(self, environ):
        self._stream = environ.get("wsgi.input")
        self._left = 0  # bytes that the client has still to send; None: until the stream ends
        self.length = None
        self.malformed = False
        self._taken = None
        self._read = []
        length = environ.get("CONTENT_LENGTH", "").strip()
        if environ.get("HTTP_TRANSFER_ENCODING", "").strip():
            # The server undoes chunks, and nothing else.
            self.malformed = not environ.get("wsgi.input_terminated")
            self._left = 0 if self.malformed else None
        elif length:
            self.malformed = not (length.isascii() and length.isdigit() and len(length) < 19)
            if not self.malformed:
                self.length = self._left = int(length)

    @property
    def is_small(self):
        """Whether it is known to be no longer than ``SMALL``."""
        return not self.malformed and self._left is not None and self._left <= SMALL

    def take(self, limit):
        """``(body, None)``, or ``(None, error)`` with the ``body_error`` of the contract; again gives the same."""
        if self._taken is None:
            self._taken = self._take(limit)
        return self._taken

    @property
    def was_read(self):
        """Whether anything was taken from the stream."""
        return self._taken is not None

    def put_back(self):
        """A stream with what was read, for whoever reads the request after us."""
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
        """Read and forget what the client is still sending, so that it gets to see the answer."""
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
        """Pieces as they come; None when the stream breaks."""
        # A buffered stream that times out keeps what came before, unless it is asked for one piece at a time.
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

"""HTTP as bytes on a socket: well-formed requests and requests that no real client would send."""

import http.client
import io
import json
import socket
from dataclasses import dataclass

from support.outputs import OUTPUTS

PATIENCE = 60


@dataclass
class Answer:
    """One HTTP response as it came."""

    status: int
    headers: list
    body: bytes

    def header(self, name):
        """The value of a header, or None; several of one name are joined by a comma."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self):
        """The body as text."""
        return self.body.decode()

    @property
    def json(self):
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def error(self):
        """The JSON-RPC error object; fails when there is none."""
        return self.json["error"]

    @property
    def code(self):
        """The JSON-RPC error's code."""
        return self.error["code"]

    @property
    def message(self):
        """The JSON-RPC error's message."""
        return self.error["message"]


def parse(raw, method=None):
    """Parses an answer from all bytes of a connection. A HEAD answer has no body, whatever its length header says."""

    class _Bytes:
        def makefile(self, *_):
            return io.BytesIO(raw)

    response = http.client.HTTPResponse(_Bytes(), method=method)
    response.begin()
    return Answer(response.status, response.getheaders(), response.read())


def send_bytes(port, data, *, half_close=True):
    """Sends exactly these bytes, closes our side, and returns the answer (None without one)."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(data)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        received = []
        while True:
            chunk = connection.recv(65536)
            if not chunk:
                break
            received.append(chunk)
    raw = b"".join(received)
    return parse(raw, data.split(b" ", 1)[0].decode("latin-1")) if raw else None


def request_bytes(method, path, headers, body=b"", *, version="HTTP/1.1"):
    """The bytes of a request. `headers` is a list of pairs, sent unchanged; names and values may be bytes."""
    lines = [f"{method} {path} {version}".encode()]
    lines += [_bytes(name) + b": " + _bytes(value) for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _bytes(text):
    return text if isinstance(text, bytes) else str(text).encode("latin-1")


def exchange(port, method, path, headers=(), body=b"", host=None):
    """One ordinary request over its own connection."""
    headers = list(headers)
    names = {str(name).lower() for name, _ in headers}
    if "host" not in names:
        headers.insert(0, ("Host", host or f"127.0.0.1:{port}"))
    if "connection" not in names:
        headers.append(("Connection", "close"))
    if (body or method == "POST") and not names & {"content-length", "transfer-encoding"}:
        headers.append(("Content-Length", str(len(body))))
    answer = send_bytes(port, request_bytes(method, path, headers, body), half_close=False)
    if answer is not None:
        OUTPUTS.look(port, body, answer.body)
    return answer


def chunked(body, sizes):
    """A body in chunked transfer encoding, split at these sizes (the last chunk holds the rest)."""
    out, at = [], 0
    for size in [*sizes, max(len(body) - sum(sizes), 0)]:
        piece = body[at : at + size]
        at += size
        if piece:
            out.append(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    return b"".join(out) + b"0\r\n\r\n"

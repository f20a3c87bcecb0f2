"""A proxy that adds one header and changes nothing else, because the suite cannot send a credential.

Each client connection has its own connection to the server. The proxy forwards the client's bytes unchanged, including
the request line, header spelling, order and white space, and adds one line after the last header. It copies the
server's bytes unchanged.
"""

import contextlib
import re
import socket
import threading

_CHUNK = 65536


class Proxy:
    """Listens on a loopback port while it is open. `header` is a name and a value."""

    def __init__(self, port, header):
        self._upstream = port
        self._line = b"%s: %s\r\n" % tuple(part.encode("latin-1") for part in header)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = set()
        self._lock = threading.Lock()
        self.port = self._listener.getsockname()[1]

    @property
    def url(self):
        """Base URL, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        # Closing alone does not wake the thread that waits in `accept`.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, socket.create_connection(("127.0.0.1", self._upstream)) as server:
            ends = {client, server}
            with self._lock:
                self._open |= ends
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                self._forward(client, server)
                server.shutdown(socket.SHUT_WR)
            back.join()
            with self._lock:
                self._open -= ends

    def _forward(self, client, server):
        # Handles the requests in order, until the client closes its side.
        reader = client.makefile("rb")
        while head := _head(reader):
            server.sendall(head + self._line + b"\r\n")
            if re.search(rb"^transfer-encoding:.*chunked", head, re.I | re.M):
                _copy_chunks(reader, server)
            elif length := re.search(rb"^content-length:[ \t]*(\d+)", head, re.I | re.M):
                _copy_exactly(reader, server, int(length[1]))


def _head(reader):
    # All lines up to the empty one, which is omitted. Empty after the client has closed its side.
    lines = []
    while (line := reader.readline()) not in (b"\r\n", b"\n", b""):
        lines.append(line)
    return b"".join(lines)


def _copy_exactly(reader, server, length):
    while length:
        piece = reader.read1(min(length, _CHUNK))
        if not piece:
            return
        server.sendall(piece)
        length -= len(piece)


def _copy_chunks(reader, server):
    while line := reader.readline():
        server.sendall(line)
        size = int(line.split(b";")[0], 16)
        if not size:
            break
        _copy_exactly(reader, server, size + len(b"\r\n"))
    while line := reader.readline():  # trailers and the empty line
        server.sendall(line)
        if line in (b"\r\n", b"\n"):
            return


def _copy(source, target):
    with contextlib.suppress(OSError):
        while piece := source.recv(_CHUNK):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)

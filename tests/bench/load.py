"""The load generator: raw sockets and threads, with little CPU use, because it shares two cores with the server."""

import re
import socket
import threading
import time
from dataclasses import dataclass, field

PATIENCE = 60
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.I)
_WRONG = re.compile(rb'"isError": ?true|"error": ?\{')


class Refused(Exception):
    """An unexpected answer, whose time would be meaningless."""


@dataclass
class Sample:
    """All measurements of one row at one number of clients."""

    rounds: dict = field(default_factory=dict)  # the seconds of each round's requests, by round number
    against: dict = field(default_factory=dict)  # those of the reference row's requests in between, by round number
    wall: float = 0.0
    cpu: float = 0.0  # this process's own

    @property
    def times(self):
        """The times of all requests in all rounds."""
        return [seconds for times in self.rounds.values() for seconds in times]


def fetch(port, request):
    """Sends one request on its own connection. Returns the raw answer as soon as it is complete.

    It does not wait until the server closes: Odoo's HTTP library waits ten milliseconds for more input unless the
    client closes the connection first, as real clients do.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        raw = b""
        while part := connection.recv(262144):
            raw += part
            if _complete(raw):
                break
    return raw


def _complete(raw):
    end = raw.find(b"\r\n\r\n")
    if end < 0:
        return False
    length = _LENGTH.search(raw, 0, end + 2)
    # Without a length, the server signals the end by closing, or with the last chunk.
    return len(raw) >= end + 4 + int(length[1]) if length else raw.endswith(b"\r\n0\r\n\r\n")


def good(raw):
    """A cheap check of every timed answer. A full check of the contents came before."""
    return raw[9:12] == b"200" and not _WRONG.search(raw)


def _repeat(port, request, count, until, times, failures):
    for _ in range(count):
        began = time.perf_counter()
        if began > until and times:
            return
        try:
            raw = fetch(port, request)
        except OSError as error:
            failures.append(str(error))
            return
        times.append(time.perf_counter() - began)
        if not good(raw):
            failures.append(raw[:600].decode(errors="replace"))
            return


def measure_pair(sample, number, ours, reference, *, count, seconds):
    """Adds one round: single requests of a row and of its reference row, in turn.

    Both rows see the same moments, so that a machine whose speed varies by the second affects both alike.
    """
    times, against, failures = [], [], []
    cpu, began = time.process_time(), time.perf_counter()
    until = began + seconds
    both = [(ours, times), (reference, against)]
    for turn in range(count):
        for row, into in both if turn % 2 == 0 else reversed(both):
            _repeat(row.port, row.request, 1, until, into, failures)
            if failures:
                raise Refused(f"{row.name}: {failures[0]}")
    sample.wall += sum(times)
    sample.cpu += (time.process_time() - cpu) * sum(times) / sum(times + against)
    sample.rounds[number], sample.against[number] = times, against


def measure(sample, number, name, port, request, *, clients, count, seconds):
    """Adds one round: each client sends `count` requests, and starts none after `seconds`."""
    failures = []
    shares = [[] for _ in range(clients)]
    cpu, began = time.process_time(), time.perf_counter()
    until = began + seconds
    if clients == 1:
        _repeat(port, request, count, until, shares[0], failures)
    else:
        threads = [threading.Thread(target=_repeat, args=(port, request, count, until, share, failures))
                   for share in shares]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        raise Refused(f"{name}, {clients} clients: {failures[0]}")
    sample.wall += time.perf_counter() - began
    sample.cpu += time.process_time() - cpu
    sample.rounds[number] = [moment for share in shares for moment in share]

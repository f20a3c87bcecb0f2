# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Detects clients that close their connection during a call, where the core asks for it."""

import contextlib
import itertools
import logging
import os
import select
import socket
import threading
import time

import psycopg2
from psycopg2.pool import PoolError

from .. import compat, core, cursor_cache

_logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 0.25
CLOSED = core.dumps({"error": {"type": "closed"}})


@contextlib.contextmanager
def over(environ, database, step, state):
    """Tell the core when this request's client disconnects while a step runs."""
    connection = compat.client_connection(environ) if step.get("cancel_on_close") else None
    if connection is None:
        yield
        return
    number = _watch.add(connection, database, state)
    try:
        yield
    finally:
        _watch.remove(number)


def has_closed(connection):
    """Whether the peer has closed a connection. No received data is consumed."""
    try:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        return bool(poll.poll(0)) and not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:  # reset
        return True
    except ValueError:  # closed by this process: the reply is sent
        return False


class _Watch:
    """One thread that checks all connections of this process; a forked process starts its own.

    It sleeps between checks, so that a short call costs only a dictionary entry.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._pid = None

    def _start(self):
        self._pid = os.getpid()
        self._calls = {}
        self._busy = threading.Event()
        thread = threading.Thread(target=self._run, name="odoo_mcp.client_watch", daemon=True)
        thread.start()

    def add(self, connection, database, state):
        number = next(self._numbers)
        with self._lock:
            if self._pid != os.getpid():
                self._start()
            self._calls[number] = (connection, database, state)
            self._busy.set()
        return number

    def remove(self, number):
        with self._lock:
            self._calls.pop(number, None)

    def _run(self):
        while True:
            self._busy.wait()
            time.sleep(SECONDS_BETWEEN_LOOKS)
            with self._lock:
                calls = dict(self._calls)
                if not calls:
                    self._busy.clear()
            for number, (connection, database, state) in calls.items():
                if has_closed(connection):
                    self.remove(number)
                    self._tell(database, state)

    def _tell(self, database, state):
        try:
            with cursor_cache.borrowed(database) as kept:
                kept.value(core.CONTINUE, (state, CLOSED))
        except (psycopg2.Error, PoolError) as error:
            # The call continues, although no client waits for its answer.
            _logger.info("A client has gone; its call could not be cancelled: %s", type(error).__name__)


_watch = _Watch()

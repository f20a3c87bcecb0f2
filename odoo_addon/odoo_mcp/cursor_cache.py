# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Caches connections between requests.

Odoo's pool discards a connection's prepared plans at every borrow, so a statement on a cached connection is many times
as fast. Each statement is a transaction of its own. No statement sets a parameter for the session, because a connection
pooler may give the next statement another server connection.
"""

import contextlib
import logging
import os
import threading
import time

import psycopg2
from psycopg2 import errorcodes
from psycopg2.pool import PoolError

from . import compat

_logger = logging.getLogger(__name__)

IDLE_SECONDS = 600
KEPT_ALONE = 2
KEPT_TOGETHER = 8
# An exchange may need a second connection for the ORM: if exchanges held all of them, none could continue.
SHARE_IN_USE = 2
SHARE_KEPT = 4
SECONDS_TO_WAIT = 2


class KeptCursor:
    """One connection in autocommit mode, reopened once when the server has closed it."""

    def __init__(self, database):
        self.database = database
        self.used = time.monotonic()
        self._cursor = None

    def value(self, query, parameters=(), again=None):
        """Return the first row of a statement: one value, or a tuple of several.

        A statement that finds its connection dead is repeated once on a new one. So is a statement that PostgreSQL
        ended to resolve a deadlock. The caller must make sure that a repeat does no harm (every message carries its
        call id). After any failure the connection is closed.

        :param again: function that returns the parameters of a repeat, where they differ
        """
        reopened = self._cursor is None
        deadlocked = False
        while True:
            try:
                return self._run(query, parameters)
            except psycopg2.Error as error:
                dead = self._cursor is not None and (self._cursor._cnx.closed or compat.connection_is_lost(error))
                self.close()
                if error.pgcode == errorcodes.DEADLOCK_DETECTED and not deadlocked:
                    deadlocked = True
                    _logger.info("A statement on %s met a deadlock and is repeated.", self.database)
                elif dead and not reopened:
                    reopened = True
                    _logger.info("The kept connection to %s was closed by the server; opening another.", self.database)
                else:
                    raise
                if again:
                    parameters = again()

    def _run(self, query, parameters):
        if self._cursor is None:
            self._cursor = compat.fresh_cursor(compat.sql_db.db_connect(self.database).cursor)
            self._cursor._cnx.autocommit = True
        self._cursor.execute(query, parameters, log_exceptions=False)
        row = self._cursor.fetchone()
        return row[0] if row and len(row) == 1 else row

    @property
    def is_open(self):
        """Whether there is a usable connection to keep."""
        return self._cursor is not None and not self._cursor.closed

    def close(self):
        """Return the connection to Odoo's pool, which resets it."""
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            # A lost connection fails to roll back.
            with contextlib.suppress(psycopg2.Error):
                cursor.close()


class _Stacks:
    """The idle cached connections, by database; a forked process starts with none."""

    def __init__(self):
        self._lock = threading.Lock()
        self._given_back = threading.Condition(self._lock)
        self._pid = None
        self._stacks = {}

    def _forget(self):
        self._pid = os.getpid()
        self._in_use = self._waiting = 0
        self._most_in_use = max(compat.pool_size() // SHARE_IN_USE, 1)
        together = KEPT_TOGETHER if compat.many_requests_at_once() else KEPT_ALONE
        self._most = min(together, compat.pool_size() // SHARE_KEPT)
        self._stacks = {}
        self._reaper = None

    def pop(self, database):
        """Return a cursor for one exchange, to be returned by ``push``.

        :raises PoolError: when the pool's limit is in use and stays so
        """
        with self._lock:
            if self._pid != os.getpid():
                self._forget()
            if self._in_use >= self._most_in_use:
                self._wait()
            self._in_use += 1
            stack = self._stacks.get(database)
            return stack.pop() if stack else KeptCursor(database)

    def _wait(self):
        self._waiting += 1
        try:
            if not self._given_back.wait_for(lambda: self._in_use < self._most_in_use, SECONDS_TO_WAIT):
                raise PoolError("too many exchanges at the same time")
        finally:
            self._waiting -= 1

    def push(self, kept):
        """Take back a cursor from ``pop``."""
        with self._lock:
            self._in_use -= 1
            if self._waiting:
                self._given_back.notify()
        self.keep(kept)

    def pop_any(self):
        with self._lock:
            if self._pid == os.getpid():
                for stack in self._stacks.values():
                    if stack:
                        return stack.pop()
        return None

    def keep(self, kept):
        """Keep an idle cursor, or close it."""
        surplus = kept
        if kept.is_open:
            kept.used = time.monotonic()
            with self._lock:
                if sum(map(len, self._stacks.values())) < self._most:
                    self._stacks.setdefault(kept.database, []).append(kept)
                    surplus = None
                    self._watch()
        if surplus is not None:
            surplus.close()

    def _watch(self):
        if self._reaper is None:
            self._reaper = threading.Timer(IDLE_SECONDS / 2, self._reap)
            self._reaper.daemon = True
            self._reaper.name = "odoo_mcp.kept_cursors"
            self._reaper.start()

    def _reap(self):
        oldest = time.monotonic() - IDLE_SECONDS
        idle = []
        with self._lock:
            self._reaper = None
            for database, stack in list(self._stacks.items()):
                idle += [kept for kept in stack if kept.used < oldest]
                self._stacks[database] = [kept for kept in stack if kept.used >= oldest]
            self._stacks = {database: stack for database, stack in self._stacks.items() if stack}
            if self._stacks:
                self._watch()
        for kept in idle:
            kept.close()

    def close_all(self):
        with self._lock:
            kept = [one for stack in self._stacks.values() for one in stack]
            self._stacks = {}
        for one in kept:
            one.close()


_stacks = _Stacks()


class borrowed:
    """A cached connection to ``database`` for one exchange: ``with borrowed(database) as kept``.

    :raises PoolError: when the pool's limit is in use and stays so
    """

    def __init__(self, database):
        self._database = database

    def __enter__(self):
        self._kept = _stacks.pop(self._database)
        return self._kept

    def __exit__(self, *_error):
        _stacks.push(self._kept)


@contextlib.contextmanager
def borrowed_any():
    """Return an idle cached connection of this process to any database, or None."""
    kept = _stacks.pop_any()
    try:
        yield kept
    finally:
        if kept is not None:
            _stacks.keep(kept)


def close_all():
    """Close every idle cached connection of this process."""
    _stacks.close_all()

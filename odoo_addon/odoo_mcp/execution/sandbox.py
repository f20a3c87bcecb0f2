# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sandbox for dry runs: blocks outbound connections, and makes the thread's other cursors read-only."""

import contextlib
import socket
import threading

import psycopg2
from psycopg2 import errorcodes

from .. import compat
from . import errors

ELSEWHERE = "It writes through a database connection of its own, and what is written there cannot be taken back."


class _Enclosed(threading.local):
    """Whether this thread is in the sandbox, and the first network address that it tried to reach."""

    on = False
    wanted = None


_enclosed = _Enclosed()


class _Patches:
    """Functions that are replaced for the whole process while at least one thread is in the sandbox."""

    def __init__(self):
        self._lock = threading.Lock()
        self._threads = 0
        self._replaced = []

    def __enter__(self):
        with self._lock:
            self._threads += 1
            if self._threads == 1:
                for name in ("connect", "connect_ex", "sendto"):
                    self._replace(socket.socket, name, _refused(getattr(socket.socket, name), _of_socket))
                self._replace(socket, "getaddrinfo", _refused(socket.getaddrinfo, _of_host))
                self._replace(compat.sql_db.Connection, "cursor", _reading(compat.sql_db.Connection.cursor))

    def _replace(self, owner, name, function):
        # An attribute that the owner only inherits is deleted afterwards.
        self._replaced.append((owner, name, vars(owner).get(name), function))
        setattr(owner, name, function)

    def __exit__(self, *exc_info):
        with self._lock:
            self._threads -= 1
            while self._replaced and not self._threads:
                owner, name, original, ours = self._replaced.pop()
                if vars(owner).get(name) is not ours:
                    continue  # other code has replaced it since, and may call ours
                if original is None:
                    delattr(owner, name)
                else:
                    setattr(owner, name, original)


_patches = _Patches()


@contextlib.contextmanager
def enclosed():
    """Refuse network connections opened by Python code of this thread; make its other cursors read-only.

    :raises errors.Outside: at the attempt, and again at the end where the code has swallowed the error
    :raises errors.CannotTry: when the code fails because of a read-only cursor
    """
    with _patches:
        _enclosed.on, _enclosed.wanted = True, None
        try:
            yield
        except Exception as error:
            if _enclosed.wanted and not isinstance(error, errors.Outside):
                raise errors.Outside(_enclosed.wanted) from error
            if isinstance(error, psycopg2.Error) and error.pgcode == errorcodes.READ_ONLY_SQL_TRANSACTION:
                raise errors.CannotTry(ELSEWHERE) from error
            raise
        finally:
            _enclosed.on = False
        if _enclosed.wanted:
            raise errors.Outside(_enclosed.wanted)


def _of_host(host, *_args, **_more):
    return socket.AF_INET, (host,)


def _of_socket(sock, *args):
    return sock.family, args[-1]


def _refused(original, describe):
    def guarded(*args, **more):
        if _enclosed.on:
            family, address = describe(*args, **more)
            if family in (socket.AF_INET, socket.AF_INET6):
                _enclosed.wanted = _enclosed.wanted or ":".join(map(str, address[:2]))
                raise errors.Outside(_enclosed.wanted)
        return original(*args, **more)

    return guarded


def _reading(original):
    def cursor(connection, *args, **more):
        made = original(connection, *args, **more)
        if _enclosed.on:
            # For all transactions of the connection, until Odoo's pool lends it again.
            made._cnx.set_session(readonly=True)
        return made

    return cursor

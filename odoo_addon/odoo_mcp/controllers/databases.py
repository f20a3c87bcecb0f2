# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Chooses the database of a request, if only one is possible.

With a database filter, the choice depends on the current list of databases. This module uses the list that the process
read last. The statement of the exchange checks that the list is still current, and otherwise does nothing. A request
therefore costs one round trip and never uses a wrong database.
"""

import collections

from odoo import http
from odoo.tools import config

from .. import compat, cursor_cache

# Odoo's own query (service/db.py), which any connection can answer.
NAMES = (
    "SELECT pg_catalog.array_agg(datname::text ORDER BY datname) FROM pg_catalog.pg_database"
    " WHERE pg_catalog.pg_get_userbyid(datdba) = CURRENT_USER"
    " AND NOT datistemplate AND datallowconn AND datname <> ALL (%s)"
)


class Choice(collections.namedtuple("Choice", ("database", "among"))):
    """A database, and all database names that it was chosen from (None: the configuration names it)."""

    def guarded(self, call):
        """Wrap ``call``, an SQL expression: the statement returns NULL and runs nothing if the names have changed.

        :returns: the statement, and the parameters that precede those of ``call``
        """
        if self.among is None:
            return f"SELECT {call}", ()
        return f"SELECT CASE WHEN ({NAMES}) = %s THEN {call} END", (_hidden(), self.among)


# The result of an exchange, in place of a reply, when the list of databases has changed since the choice.
CHANGED = object()

# Always replaced as a whole, so threads need no lock.
_seen = None


def choose(environ, anew=False):
    """Return the ``Choice`` that Odoo would make for this request, or None.

    :param anew: whether to query the list of databases instead of using the last one
    """
    configured = compat.configured_databases()
    if configured and not config["dbfilter"]:
        database = _named(configured, environ)
        return database and Choice(database, None)
    if not anew and _seen:
        database = _one_of(_seen, environ)
        if database:
            return Choice(database, _seen)
    names = _ask()
    database = _one_of(names, environ)
    return database and Choice(database, names)


def _one_of(names, environ):
    return _named(http.db_filter(names, host=environ.get("HTTP_HOST", "")), environ)


def _named(names, environ):
    """Return the database among ``names`` that the request names, or the only one."""
    header = compat.database_header()
    wanted = environ.get(header) if header else None
    if wanted:
        return wanted if wanted in names else None
    return names[0] if len(names) == 1 else None


def _ask():
    global _seen
    with cursor_cache.borrowed_any() as kept:
        if kept is None:
            return []
        _seen = kept.value(NAMES, (_hidden(),)) or []
    return _seen


def _hidden():
    return list({"postgres", config["db_template"]})

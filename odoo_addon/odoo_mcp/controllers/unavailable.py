# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Makes the replies of the addon for requests in which the core cannot be called."""

import json

import psycopg2
from psycopg2 import errorcodes
from psycopg2.pool import PoolError

from .http_message import Reply

INTERNAL_ERROR = -32603

MISSING = (
    errorcodes.UNDEFINED_FUNCTION,
    errorcodes.INVALID_SCHEMA_NAME,
    errorcodes.UNDEFINED_FILE,
)
STANDBY = errorcodes.READ_ONLY_SQL_TRANSACTION
BUSY = (
    errorcodes.LOCK_NOT_AVAILABLE,
    errorcodes.QUERY_CANCELED,
    errorcodes.TOO_MANY_CONNECTIONS,
    errorcodes.DEADLOCK_DETECTED,
    errorcodes.SERIALIZATION_FAILURE,
)
STARTING = (errorcodes.ADMIN_SHUTDOWN, errorcodes.CRASH_SHUTDOWN, errorcodes.CANNOT_CONNECT_NOW)

NO_EXTENSION = (
    "The MCP server of this Odoo is not ready: the PostgreSQL extension odoo_mcp is missing in its database. "
    "Hint for the administrator: install the extension's files on the PostgreSQL server, then run "
    "CREATE EXTENSION odoo_mcp SCHEMA public; in Odoo's database."
)
READ_ONLY = (
    "The MCP server of this Odoo is not ready: its database is a read-only standby. "
    "Hint for the administrator: connect Odoo to the primary server."
)
POOL_FULL = (
    "Odoo has no free database connection at the moment. Try again. "
    "Hint for the administrator: increase db_maxconn of Odoo, or reduce the number of concurrent requests."
)
OVERLOADED = "Odoo's database is busy or an update is in progress. Try again."
NO_CONNECTION = "Odoo cannot reach its database at the moment. Try again."
INTERNAL = "Internal error. The server log has the details under the call id {call_id}."


def extension_is_missing(error):
    """Whether ``error`` means that the core's functions are missing in this database."""
    return getattr(error, "pgcode", None) in MISSING


def is_unreachable(error):
    """Whether ``error`` means that the database server is unreachable or the connection is lost."""
    code = getattr(error, "pgcode", None)
    broken = isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError))
    return code in STARTING or (code is None and broken)


def reply(error, call_id):
    """Return the reply for an exception of the database driver or any other."""
    code = getattr(error, "pgcode", None)
    if isinstance(error, PoolError):
        return _reply(503, POOL_FULL, retry_after=1)
    if extension_is_missing(error):
        return _reply(503, NO_EXTENSION)
    if code == STANDBY:
        return _reply(503, READ_ONLY)
    if code in BUSY:
        return _reply(503, OVERLOADED, retry_after=2)
    if is_unreachable(error):
        return _reply(503, NO_CONNECTION, retry_after=5)
    return _reply(500, INTERNAL.format(call_id=call_id))


def _reply(status, message, retry_after=None):
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if retry_after:
        headers["Retry-After"] = str(retry_after)
    error = {"code": INTERNAL_ERROR, "message": message}
    return Reply(status, headers, json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode())

# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What can go wrong in a call, and the one place that says how the core is told."""

import psycopg2
from psycopg2 import errorcodes
from psycopg2.pool import PoolError

from odoo.exceptions import AccessDenied, AccessError, MissingError, RedirectWarning, UserError, ValidationError

from . import compat

CONCURRENCY = (errorcodes.SERIALIZATION_FAILURE, errorcodes.DEADLOCK_DETECTED, errorcodes.LOCK_NOT_AVAILABLE)


class CallError(Exception):
    """A failure with a type of its own in the contract with the core."""

    kind = "internal"
    # What the contract has beside type and message.
    details = {}


class NoMethod(CallError):
    """The method does not exist.

    :param candidates: names of methods that do
    """

    kind = "no_method"

    def __init__(self, message, candidates=()):
        super().__init__(message)
        if candidates:
            self.details = {"candidates": list(candidates)}


class PrivateMethod(CallError):
    """Odoo does not let remote callers have the method."""

    kind = "private_method"


class BadArguments(CallError):
    """The arguments do not fit the method's Python signature."""

    kind = "bad_arguments"


class NotJson(CallError):
    """The method returned something that JSON cannot carry."""

    kind = "not_json"


class CommitsItself(CallError):
    """The method committed or rolled back by itself, and its tool is not marked for that."""

    kind = "commits"


class CallDied(CallError):
    """Maintenance declared the call dead while it was running: its change must not be committed."""

    kind = "died"


class Claimed(CallError):
    """Another call has been done under the same key, or by the same confirmation."""

    kind = "claimed"


class Busy(CallError):
    """Another call with the same key is running still."""

    kind = "busy"


class ModuleState(CallError):
    """The registry is being built."""

    kind = "module_state"


class ErrorResult(CallError):
    """The method gave a result that it calls an error."""

    kind = "error_result"

    def __init__(self, outcome):
        super().__init__("")
        self.details = outcome


class Outside(CallError):
    """A dry run wanted to reach the network; the text is where."""

    kind = "outside"


class CannotTry(CallError):
    """This database cannot tell what a call would change."""

    kind = "cannot_try"


class Tried(CallError):
    """A dry run is over: what it would have changed."""

    kind = "dry_run"

    def __init__(self, report):
        super().__init__("")
        self.details = {"report": report}


class Undone(CallError):
    """The core cannot take what the method gave: the error that it is to be told."""

    def __init__(self, error):
        super().__init__(error.get("message", ""))
        self.details = error


# The order matters: most of Odoo's exceptions are kinds of UserError.
ODOO_ERRORS = (
    (AccessDenied, "access_denied"),
    (AccessError, "access_error"),
    (MissingError, "missing_error"),
    (RedirectWarning, "redirect_warning"),
    (ValidationError, "validation_error"),
    (UserError, "user_error"),
)


def describe(error):
    """The ``error`` object of the contract for an exception: Odoo's own text for people, or none at all.

    ``mcp_place`` of an exception is where the values stand that it is about: ``values[3]``.
    """
    described = _described(error)
    place = getattr(error, "mcp_place", None) or getattr(error.__cause__, "mcp_place", None)
    if place:
        described["place"] = place
    return described


def _described(error):
    cause = error.__cause__
    if isinstance(error, ValidationError) and isinstance(cause, psycopg2.IntegrityError):
        return _database_error(cause, message=_text(error))
    if isinstance(error, CallError):
        return {"type": error.kind, "message": _text(error), **error.details}
    for kind, name in ODOO_ERRORS:
        if isinstance(error, kind):
            described = {"type": name, "message": _text(error)}
            if name == "access_error" and _is_about_field(error.__traceback__):
                described["layer"] = "field_group"
            return described
    if isinstance(error, PoolError):
        return {"type": "pool_full", "message": ""}
    if isinstance(error, compat.ConcurrencyError):
        return {"type": "serialization", "message": ""}
    if isinstance(error, psycopg2.Error):
        return _database_error(error)
    if isinstance(error, ValueError) and _from_orm(error.__traceback__):
        return {"type": "validation_error", "message": _text(error)}
    return {"type": "internal", "message": ""}


def _database_error(error, message=""):
    described = {"type": "internal", "message": ""}
    if error.pgcode:
        described["sqlstate"] = error.pgcode
    if isinstance(error, psycopg2.IntegrityError):
        # PostgreSQL's detail quotes the whole row, with fields that the user may not read.
        described.update(type="constraint", message=message.partition("\nDETAIL:")[0].strip() or _primary(error))
        if error.diag.constraint_name:
            described["constraint"] = error.diag.constraint_name
    elif error.pgcode == errorcodes.QUERY_CANCELED:
        described["type"] = "timeout"
    elif error.pgcode == errorcodes.READ_ONLY_SQL_TRANSACTION:
        described["type"] = "read_only"
    elif error.pgcode in CONCURRENCY:
        described["type"] = "serialization"
    elif isinstance(error, psycopg2.DataError):
        described.update(type="validation_error", message=_primary(error))
    return described


def _primary(error):
    return error.diag.message_primary or ""


def _text(error):
    return str(error.args[0]) if error.args else ""


def _is_about_field(traceback):
    """True when Odoo raised the error behind ``traceback`` since the user has none of the groups of a field."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    name = traceback.tb_frame.f_code.co_name if traceback is not None else ""
    return name in ("_check_field_access", "check_field_access_rights")


def _from_orm(traceback):
    """True when the innermost frame of Odoo's in ``traceback`` is the ORM's own: its text is about the data."""
    innermost = ""
    while traceback is not None:
        name = traceback.tb_frame.f_globals.get("__name__", "")
        if name.startswith("odoo."):
            innermost = name
        traceback = traceback.tb_next
    return innermost.startswith(compat.ORM_MODULES)

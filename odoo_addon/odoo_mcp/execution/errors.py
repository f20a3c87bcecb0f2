# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Errors of a call, and their conversion to the contract with the core."""

import psycopg2
from psycopg2 import errorcodes
from psycopg2.pool import PoolError

from odoo.exceptions import AccessDenied, AccessError, MissingError, RedirectWarning, UserError, ValidationError

from .. import compat

CONCURRENCY = (errorcodes.SERIALIZATION_FAILURE, errorcodes.DEADLOCK_DETECTED, errorcodes.LOCK_NOT_AVAILABLE)


class CallError(Exception):
    """A failure with a type of its own in the contract with the core."""

    kind = "internal"
    # Members of the error beside type and message.
    details = {}


class NoMethod(CallError):
    """The method does not exist.

    :param candidates: names of existing methods
    """

    kind = "no_method"

    def __init__(self, message, candidates=()):
        super().__init__(message)
        if candidates:
            self.details = {"candidates": list(candidates)}


class PrivateMethod(CallError):
    """Odoo does not let remote callers use the method."""

    kind = "private_method"


class BadArguments(CallError):
    """The arguments do not fit the method's Python signature."""

    kind = "bad_arguments"


class NotJson(CallError):
    """The method returned something that JSON cannot carry."""

    kind = "not_json"


class CommitsItself(CallError):
    """The method committed or rolled back by itself, but its tool is not marked for that."""

    kind = "commits"


class CallDied(CallError):
    """Maintenance declared the call dead while it was running: its change must not be committed."""

    kind = "died"


class Claimed(CallError):
    """An earlier call has used the same idempotency key or confirmation."""

    kind = "claimed"


class Busy(CallError):
    """Another call with the same idempotency key is still running."""

    kind = "busy"


class ModuleState(CallError):
    """The registry is being built."""

    kind = "module_state"


class ErrorResult(CallError):
    """The method returned a result marked as an error."""

    kind = "error_result"

    def __init__(self, outcome):
        super().__init__("")
        self.details = outcome


class Outside(CallError):
    """A dry run tried to reach the network; the text is the address."""

    kind = "outside"


class CannotTry(CallError):
    """This database cannot report the changes of a call."""

    kind = "cannot_try"


class Tried(CallError):
    """A dry run has ended; carries its report."""

    kind = "dry_run"

    def __init__(self, report):
        super().__init__("")
        self.details = {"report": report}


class Undone(CallError):
    """The core rejects the method's result; carries the error for the core."""

    def __init__(self, error):
        super().__init__(error.get("message", ""))
        self.details = error


# The order matters: most of Odoo's exceptions are subclasses of UserError.
ODOO_ERRORS = (
    (AccessDenied, "access_denied"),
    (AccessError, "access_error"),
    (MissingError, "missing_error"),
    (RedirectWarning, "redirect_warning"),
    (ValidationError, "validation_error"),
    (UserError, "user_error"),
)


def describe(error):
    """Return the contract's ``error`` object for an exception: with Odoo's own message for users, or without any.

    ``mcp_place`` of an exception is the position of the values that it is about: ``values[3]``.
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
    """Whether Odoo raised the error behind ``traceback`` because the user has none of a field's groups."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    name = traceback.tb_frame.f_code.co_name if traceback is not None else ""
    return name in ("_check_field_access", "check_field_access_rights")


def _from_orm(traceback):
    """Whether the innermost Odoo frame in ``traceback`` is the ORM's own: the message then concerns the data."""
    innermost = ""
    while traceback is not None:
        name = traceback.tb_frame.f_globals.get("__name__", "")
        if name.startswith("odoo."):
            innermost = name
        traceback = traceback.tb_next
    return innermost.startswith(compat.ORM_MODULES)

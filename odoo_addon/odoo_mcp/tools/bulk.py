# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Changes several records, all or none. An error names the position in the caller's list."""

import copy

import psycopg2

from .. import compat
from ..execution import errors
from ..policy import record_checks


def create(model, values, only=None):
    """Create records in one batch, all within the domain ``only``.

    Odoo does not say which record of a batch it refuses. After a refusal the records are created one by one; the
    rollback of the call discards them.
    """
    if len(values) < 2:
        return _created(model, values, only)
    again = copy.deepcopy(values)
    cr = model.env.cr
    savepoint = cr.savepoint(flush=False)
    try:
        records = _created(model, values, only)
    except Exception as error:
        if _is_refusal(error):
            cr.clear()
            savepoint.rollback()
            _blame(model, again, only, error)
        raise
    savepoint.close(rollback=False)
    return records


def _created(model, values, only):
    records = model.create(values)
    # Errors of the database appear here.
    model.env.flush_all()
    record_checks.check(records, only)
    return records


def _blame(model, values, only, error):
    """Set the position of the first refused record on ``error``, by creating the records one by one."""
    for index, item in enumerate(values):
        try:
            _created(model, [item], only)
        except Exception as alone:
            if _is_refusal(alone):
                error.mcp_place = f"values[{index}]"
            return


def write(records, values, runs):
    """Write each of ``values`` to as many consecutive records as ``runs`` says.

    Each write is flushed separately, so that an error of the database is attributed to its values.
    """
    begin = 0
    for number, length in enumerate(runs):
        end = begin + length
        try:
            records[begin:end].write(values[number])
            records.env.flush_all()
        except Exception as error:
            error.mcp_place = f"values[{begin}]" if length == 1 else f"values[{begin}] to values[{end - 1}]"
            raise
        begin = end


def _is_refusal(error):
    """Whether Odoo or the database refuses the values: not a retryable error, timeout or cancellation."""
    if isinstance(error, (psycopg2.OperationalError, compat.ConcurrencyError, errors.CallError)):
        return False
    return errors.describe(error)["type"] not in ("internal", "timeout", "serialization", "pool_full")

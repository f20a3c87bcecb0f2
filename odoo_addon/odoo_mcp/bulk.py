# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Several records at once, all or none; what fails is named by its place in the caller's list."""

import copy

import psycopg2

from . import compat, errors, policy_bounds


def create(model, values, only=None):
    """New records, made together as Odoo makes them, all within the domain ``only``.

    Odoo does not say which of several it refuses. So when it does, they are tried one by one, and what comes of that is
    thrown away with the whole call.
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
    # What the database refuses is found here.
    model.env.flush_all()
    policy_bounds.check(records, only)
    return records


def _blame(model, values, only, error):
    """Name on ``error``, by trying, the first of the records that is refused."""
    for index, item in enumerate(values):
        try:
            _created(model, [item], only)
        except Exception as alone:
            if _is_refusal(alone):
                error.mcp_place = f"values[{index}]"
            return


def write(records, values, runs):
    """Write each of ``values`` to as many of the records as ``runs`` says, one after the other.

    Each is flushed by itself: what the database refuses is found where it was written.
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
    """Whether Odoo or the database refuses the values: not what is to be tried again, timed out or was stopped."""
    if isinstance(error, (psycopg2.OperationalError, compat.ConcurrencyError, errors.CallError)):
        return False
    return errors.describe(error)["type"] not in ("internal", "timeout", "serialization", "pool_full")

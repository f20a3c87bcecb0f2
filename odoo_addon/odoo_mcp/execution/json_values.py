# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Converts Python values to JSON. All results of calls use this conversion."""

import base64
import datetime
import decimal
import json
import math
from collections.abc import Iterator, Mapping, Sequence, Set, ValuesView

from odoo.models import BaseModel
from odoo.tools import lazy

from ..core import dumps
from .errors import NotJson

MAX_DEPTH = 64
# Datetimes in the contract's format, and in one that is distinguishable from other texts.
ODOO_UTC = "%Y-%m-%d %H:%M:%S"
ISO_UTC = "%Y-%m-%dT%H:%M:%SZ"


def encode(value):
    """Return the JSON text of ``value``, equal to that of :func:`to_json`.

    Results of reads contain plain values, dates and times, which Python's own encoder handles in a fraction of the
    time.

    :raises NotJson: naming the Python type without a JSON form
    """
    try:
        text = _encode_plain(value)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return dumps(to_json(value))
    # PostgreSQL cannot store a NUL, which JSON always writes as this escape.
    return dumps(to_json(value)) if "\\u0000" in text else text


def _plain(value):
    if isinstance(value, datetime.datetime) and not value.tzinfo:
        return value.strftime(ODOO_UTC)
    if type(value) is datetime.date:
        return value.strftime("%Y-%m-%d")
    raise TypeError


_encode_plain = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
).encode


def to_json(value, depth=0, moment=ODOO_UTC):
    """Convert ``value`` to types that ``json.dumps`` and PostgreSQL's ``jsonb`` accept, as in the contract.

    :param moment: the format of datetimes, in UTC
    :raises NotJson: naming the Python type without a JSON form
    """
    if depth > MAX_DEPTH:
        raise NotJson("the result is nested too deeply")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, decimal.Decimal):
        return float(value) if value.is_finite() else None
    if isinstance(value, datetime.datetime):
        if value.tzinfo:
            value = value.astimezone(datetime.timezone.utc)
        return value.strftime(moment)
    if isinstance(value, datetime.date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, BaseModel):
        return _recordset(value)
    if isinstance(value, lazy):
        return to_json(value._value, depth, moment)
    if isinstance(value, Mapping):
        return {_key(key): to_json(item, depth + 1, moment) for key, item in value.items()}
    if isinstance(value, (Sequence, Set, ValuesView, Iterator)):
        return [to_json(item, depth + 1, moment) for item in value]
    if type(value).__name__ in ("LazyTranslate", "_lt", "LazyGettext"):
        return _text(str(value))
    raise NotJson(f"the result holds a value of the type {type(value).__name__}")


def encode_binary_fields(model, rows):
    """Convert binary fields of ``rows``, which Odoo reads as base64 bytes, to text."""
    binary = {name for name, field in model._fields.items() if field.type == "binary"}
    names = binary.intersection(rows[0] if rows else ())
    for row in rows if names else ():
        for name in names:
            if isinstance(row[name], bytes):
                row[name] = row[name].decode("ascii", "replace")
    return rows


def _recordset(records):
    if not all(isinstance(record_id, int) for record_id in records._ids):
        raise NotJson(f"the result holds unsaved records of {records._name}")
    return {"model": records._name, "ids": list(records._ids)}


def _key(key):
    if isinstance(key, str):
        return _text(key)
    if key is None or isinstance(key, (bool, int, float)):
        return str(key)
    raise NotJson(f"the result has a key of the type {type(key).__name__}")


def _text(value):
    """Return text that PostgreSQL can store: no NUL, no lone surrogate."""
    text = str(value)
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
    return text

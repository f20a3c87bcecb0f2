"""Converts our presentation of values back to Odoo's, so that tests can compare an answer with Odoo's own.

The differences are documented: lists have columns and rows; unset is null for every field that is not boolean; a
datetime is in the user's time zone with its offset, as ISO 8601. Everything else is as in Odoo.
"""

import datetime
import re
from zoneinfo import ZoneInfo

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)")


def records(found):
    """Columns and rows as a list of dictionaries."""
    assert all(len(row) == len(found["columns"]) for row in found["rows"])
    return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]


def value(presented, ttype, zone):
    """One value in the form of Odoo's `read`."""
    if ttype == "boolean":
        assert isinstance(presented, bool), presented
        return presented
    if presented is None:
        return False
    if ttype == "datetime":
        return utc(presented, zone)
    assert presented is not False
    return presented


def utc(text, zone):
    """Converts a presented datetime to naive UTC. Its offset must match the zone at that time."""
    assert ISO.fullmatch(text), text
    moment = datetime.datetime.fromisoformat(text)
    assert moment.utcoffset() == moment.astimezone(ZoneInfo(zone or "UTC")).utcoffset(), (text, zone)
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")


def local(text, zone):
    """A naive UTC time as the user would write it."""
    moment = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    return moment.astimezone(ZoneInfo(zone or "UTC")).strftime("%Y-%m-%d %H:%M:%S")


def undone(found, types, zone):
    """All records of an answer in the form of Odoo's `read`."""
    return [{name: value(item, types[name], zone) for name, item in record.items()} for record in records(found)]


def shortening(types, letters=1_000, ids=20):
    """A function that shortens long values in Odoo's records as a search does, and states their length."""

    def short(value, ttype):
        if ttype in ("char", "text", "html") and isinstance(value, str) and len(value) > letters:
            return {"text": value[:letters], "length": len(value)}
        if ttype in ("one2many", "many2many") and isinstance(value, list) and len(value) > ids:
            return {"ids": value[:ids], "count": len(value)}
        return value

    return lambda found: [{name: short(value, types[name]) for name, value in record.items()} for record in found]

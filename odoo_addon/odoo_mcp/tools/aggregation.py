# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Groups of records, as Odoo makes them for the calling user."""

from odoo.models import BaseModel

from .. import compat
from ..execution.errors import BadArguments
from ..policy import record_checks


def groups(
    model, domain, groupby, measures, having=None, order=None, limit=None, offset=0, bounds=None, unsure=None
):
    """Return the groups of ``model``'s records that match a domain, as dictionaries of measures by specification.

    :param unsure: groups and measures that Odoo may not support, each with its error message
    """
    try:
        rows = compat.read_groups(model, domain, groupby, measures, having or [], order, limit, offset or 0)
    except ValueError as error:
        for spec, message in (unsure or {}).items():
            if not compat.can_aggregate(model, spec, spec in groupby):
                raise BadArguments(message) from error
        raise
    names = [*groupby, *measures]
    records = [{name: _plain(name, value) for name, value in zip(names, row, strict=True)} for row in rows]
    record_checks.withhold(model, records, bounds)
    return records


def _plain(name, value):
    """Return a group's record as ``(id, name)``, as reading a field does; for the field ``id``, only the id."""
    if not isinstance(value, BaseModel):
        return value
    if not value:
        return False
    return value.id if name.rpartition(".")[2] == "id" else (value.id, value.sudo().display_name)

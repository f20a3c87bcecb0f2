# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Binary fields: size and type in place of the content, and the content on request."""

import base64

from .. import compat

# Expansion of base64: four characters for three bytes.
BASE64 = 4 / 3
UNITS = {"bytes": 1, "b": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30}


def names_in(model, fields):
    """Return the binary fields among ``fields``."""
    return [name for name in fields if name in model._fields and model._fields[name].type == "binary"]


def put_into(model, rows, names, whole=False, most_bytes=None):
    """Add the values of the binary fields ``names`` to ``rows`` (with ids): ``size``, ``mimetype``, ``base64``.

    ``mimetype`` is set if known.

    :param whole: add the content in base64, if all files together have at most ``most_bytes``
    """
    if not names or not rows:
        return
    room = (most_bytes or 0) / BASE64
    records = model.browse([row["id"] for row in rows])
    sizes = _sizes(records, names)
    for record, row in zip(records, rows, strict=True):
        for name in names:
            told = sizes[record.id, name]
            if told and whole and _bytes(told["size"]) <= room:
                # The size may have been an estimate.
                content = _base64(record, name)
                room -= len(content) / BASE64
                told = {**told, "base64": content}
            row[name] = told or False


def _sizes(records, names):
    """Return ``{(id, name): {"size", "mimetype"}}``, empty where there is no file. Raises like a read."""
    model = records.browse()
    sizes = {}
    own = [name for name in names if model._name == "ir.attachment" and name in ("datas", "raw")]
    own = compat.readable_fields(model, own)
    if own:
        for row in records.read(["file_size", "mimetype", "type"]):
            told = {"size": row["file_size"], "mimetype": row["mimetype"]} if row["file_size"] else {}
            sizes.update({(row["id"], name): told for name in own})
    others = [name for name in names if name not in own]
    if others:
        stored = _attachments(records, [name for name in others if model._fields[name].attachment])
        for row in records.with_context(bin_size=True).read(others):
            for name in others:
                value = row[name]
                if isinstance(value, bytes):
                    value = value.decode("ascii", "replace")
                sizes[row["id"], name] = stored.get((row["id"], name), {"size": value}) if value else {}
    return sizes


def _attachments(records, names):
    """Return the properties of the attachments that store fields. Access to the record suffices to read them."""
    if not names:
        return {}
    domain = [("res_model", "=", records._name), ("res_field", "in", names), ("res_id", "in", records.ids)]
    found = records.env["ir.attachment"].sudo().search_read(domain, ["res_id", "res_field", "file_size", "mimetype"])
    return {
        (row["res_id"], row["res_field"]): {"size": row["file_size"], "mimetype": row["mimetype"]} for row in found
    }


def _bytes(size):
    """Parse a size as a number: for other fields Odoo returns it formatted, such as ``12.5 Kb``."""
    if isinstance(size, int):
        return size
    number, _blank, unit = str(size).partition(" ")
    try:
        return float(number) * UNITS[unit.strip().lower()]
    except (KeyError, ValueError):
        return float("inf")


def _base64(record, name):
    """Return a file's content in base64: Odoo stores all fields but one in that form."""
    value = record.read([name])[0][name] or b""
    if (record._name, name) == ("ir.attachment", "raw"):
        return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode("ascii")
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value

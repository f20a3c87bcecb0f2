# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Values before and after a change, for the audit log, of the records and fields that the core names."""


class Watch:
    """Reads the records of a call before and after its method; nothing when the core does not ask.

    Reads as superuser: the values are for MCP administrators, and the user may lose access to a record by the change.
    An unreadable field makes the call fail: no change goes unrecorded.
    """

    def __init__(self, env, wanted):
        self.env = env
        self.wanted = wanted
        self.seen = {}

    def before(self):
        """Read the records that are about to be changed or deleted."""
        if self.wanted and self.wanted["operation"] != "create":
            self.seen["before"] = self._values(self.wanted["ids"])

    def after(self, result):
        """Read the changed and new records; call it after the flush."""
        if not self.wanted or self.wanted["operation"] == "unlink":
            return
        ids = self.wanted["ids"] if self.wanted["operation"] == "write" else result["ids"]
        most = self.wanted["most"]
        self.seen["after"] = self._values(ids[:most])
        if len(ids) > most:
            self.seen["left_out"] = len(ids) - most

    def outcome(self):
        """Return the part of the call's outcome for the core."""
        return {"changes": self.seen} if self.wanted else {}

    def _values(self, ids):
        records = self.env[self.wanted["model"]].sudo().with_context(bin_size=True).browse(ids).exists()
        fields = {name: records._fields[name] for name in self.wanted["fields"] if name in records._fields}
        rows = records.read(list(fields), load=None)
        return {row["id"]: {name: _shown(field, row[name]) for name, field in fields.items()} for row in rows}


def _shown(field, value):
    if field.type == "binary" and value:
        # With bin_size the ORM returns the size as formatted text.
        return {"size": value.decode() if isinstance(value, bytes) else str(value)}
    return value

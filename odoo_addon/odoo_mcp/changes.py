# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Values before and after a change, for the audit log: what the core asks a call to look at."""


class Watch:
    """Looks at the records of a call before and after its method; at nothing when the core does not ask.

    As superuser: what is kept is for MCP administrators, and a record may be out of the user's sight afterwards.
    A field that cannot be read makes the call fail: nothing is changed unseen.
    """

    def __init__(self, env, wanted):
        self.env = env
        self.wanted = wanted
        self.seen = {}

    def before(self):
        """Look at the records that are about to change or to go."""
        if self.wanted and self.wanted["operation"] != "create":
            self.seen["before"] = self._values(self.wanted["ids"])

    def after(self, result):
        """Look at the records that changed or are new; call it after the flush."""
        if not self.wanted or self.wanted["operation"] == "unlink":
            return
        ids = self.wanted["ids"] if self.wanted["operation"] == "write" else result["ids"]
        most = self.wanted["most"]
        self.seen["after"] = self._values(ids[:most])
        if len(ids) > most:
            self.seen["left_out"] = len(ids) - most

    def outcome(self):
        """What goes to the core with the outcome of the call."""
        return {"changes": self.seen} if self.wanted else {}

    def _values(self, ids):
        records = self.env[self.wanted["model"]].sudo().with_context(bin_size=True).browse(ids).exists()
        fields = {name: records._fields[name] for name in self.wanted["fields"] if name in records._fields}
        rows = records.read(list(fields), load=None)
        return {row["id"]: {name: _shown(field, row[name]) for name, field in fields.items()} for row in rows}


def _shown(field, value):
    if field.type == "binary" and value:
        # With bin_size the ORM gives the size in words.
        return {"size": value.decode() if isinstance(value, bytes) else str(value)}
    return value

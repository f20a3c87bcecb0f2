"""Reads the logs of Odoo and PostgreSQL, and finds entries that they must not contain."""

import re
from pathlib import Path

# A record of Odoo's log begins with its time. The lines until the next record belong to it.
RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (\d+) (\w+) (\S+) (\S+): ", re.M)


class Log:
    """A log file that only grows, read from a mark."""

    def __init__(self, path):
        self.path = Path(path)

    def mark(self):
        """The current end of the file."""
        return self.path.stat().st_size

    def since(self, mark=0):
        """The text written after the mark."""
        with open(self.path, "rb") as file:
            file.seek(mark)
            return file.read().decode(errors="replace")

    def records(self, mark=0):
        """(process id, level, database, logger, text) of Odoo's records after the mark."""
        text = self.since(mark)
        found = list(RECORD.finditer(text))
        ends = [match.start() for match in found[1:]] + [len(text)]
        return [
            (int(match[1]), match[2], match[3], match[4], text[match.end() : end])
            for match, end in zip(found, ends, strict=True)
        ]

    def trouble(self, mark=0, allowed=()):
        """Records of errors, and tracebacks at any level, except those that match an allowed pattern.

        Odoo logs each statement of its own that PostgreSQL refuses, whatever the consequence. Those records are
        ignored. A refused statement of ours is an error, because the log would contain the request.
        """
        allowed = [*allowed, r"^odoo\.sql_db: bad query: (?!.*(\bmcp_[a-z_]+\(|Traceback))"]
        wrong = [
            record
            for record in self.records(mark)
            if record[1] in ("ERROR", "CRITICAL") or "Traceback (most recent call last)" in record[4]
        ]
        return [
            record
            for record in wrong
            if not any(re.search(pattern, record[3] + ": " + record[4], re.S) for pattern in allowed)
        ]

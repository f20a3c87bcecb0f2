"""SQL beside Odoo: rows as dictionaries, and a fingerprint of all data that a request might change."""

import contextlib

import psycopg2
import psycopg2.extras

# Tables that any request may write.
OUR_OWN = {
    *("mcp_audit_log", "mcp_audit_seal", "mcp_idempotency", "mcp_inflight_call", "mcp_lockout", "mcp_rate_bucket"),
    # Rows that count changes of settings, which tests make.
    "mcp_catalogue",
    "mcp_session",
}


class Database:
    """One database by its connection string. Each statement commits on its own."""

    def __init__(self, dsn):
        self.dsn = dsn
        self._connection = None

    @property
    def connection(self):
        """An open connection in autocommit."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg2.connect(self.dsn)
            self._connection.autocommit = True
        return self._connection

    def close(self):
        """Closes the connection. The next statement opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def rows(self, sql, *values):
        """All rows as dictionaries."""
        with self.connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(sql, values or None)
            return [dict(row) for row in cursor.fetchall()]

    def row(self, sql, *values):
        """The only row."""
        rows = self.rows(sql, *values)
        assert len(rows) == 1, rows
        return rows[0]

    def value(self, sql, *values):
        """The first column of the first row, or None."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            row = cursor.fetchone()
            return row[0] if row else None

    def run(self, sql, *values):
        """Runs a statement without rows and returns the number of affected rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.rowcount

    @contextlib.contextmanager
    def transaction(self):
        """A second connection with an open transaction, which rolls back at the end."""
        connection = psycopg2.connect(self.dsn)
        try:
            yield connection.cursor()
        finally:
            connection.rollback()
            connection.close()

    def counts(self):
        """Row counts of all Odoo tables, with the latest write date where the table has one."""
        tables = self.rows(
            "SELECT c.relname AS name, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
            " AND a.attname = 'write_date' AND NOT a.attisdropped) AS dated FROM pg_class c"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
        )
        parts = []
        for table in tables:
            if table["name"] not in OUR_OWN:
                newest = "max(write_date)::text" if table["dated"] else "NULL"
                parts.append(
                    f"SELECT '{table['name']}' AS name, count(*) AS rows, {newest} AS newest"
                    f' FROM public."{table["name"]}"'
                )
        found = self.rows(" UNION ALL ".join(parts))
        return {row["name"]: (row["rows"], row["newest"]) for row in found}

    # -- the audit log ---------------------------------------------------------------------------

    def audit_mark(self):
        """The newest audit row's id, for a later call of `audit_since`."""
        return self.value("SELECT coalesce(max(id), 0) FROM mcp_audit_log")

    def audit_since(self, mark):
        """Audit rows written since the mark, oldest first."""
        return self.rows("SELECT * FROM mcp_audit_log WHERE id > %s ORDER BY id", mark)

    def audit_total(self):
        """The number of messages in the audit log. An aggregated refusal counts as many times as its row says."""
        return self.value("SELECT coalesce(sum(count), 0) FROM mcp_audit_log")

    def maintain(self):
        """Runs maintenance until nothing is left to do. Returns the result of the last run."""
        while True:
            done = self.value("SELECT mcp_maintain()")
            if not done["more"]:
                return done

    @contextlib.contextmanager
    def as_owner(self):
        """Acts as the owner of the audit tables with their triggers switched off."""
        tables = ("mcp_audit_log", "mcp_audit_seal")
        for table in tables:
            self.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield
        finally:
            for table in tables:
                self.run(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    # -- settings --------------------------------------------------------------------------------

    def set_parameter(self, name, value):
        """Writes a system parameter in SQL; None deletes it. The core reads the parameters on every request."""
        self.run("DELETE FROM ir_config_parameter WHERE key = %s", name)
        if value is not None:
            self.run("INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)", name, value)

    @contextlib.contextmanager
    def parameter(self, name, value):
        """Sets a system parameter for the duration of a block."""
        before = self.value("SELECT value FROM ir_config_parameter WHERE key = %s", name)
        self.set_parameter(name, value)
        try:
            yield
        finally:
            self.set_parameter(name, before)

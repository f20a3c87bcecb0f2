"""The complete contents of a database, and the differences between two states."""

import json


def tables(db):
    """The ordinary tables of the database, without the MCP server's own tables that every message writes."""
    rows = db.rows(
        "SELECT c.relname AS name FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        " AND c.relname !~ '^mcp_(audit|bucket|call|session|once)' ORDER BY 1"
    )
    return [row["name"] for row in rows]


def content(db):
    """All rows of all tables, by id. Without an id column, the rows themselves."""
    found = {}
    for table in tables(db):
        rows = [row["row"] for row in db.rows(f'SELECT to_jsonb(t) AS row FROM ONLY "{table}" t')]
        if rows and "id" in rows[0]:
            found[table] = {row["id"]: row for row in rows}
        elif rows:
            found[table] = {json.dumps(row, sort_keys=True): row for row in rows}
    return found


def differences(before, after):
    """(table, id): the row before and after, where they differ."""
    found = {}
    for table in before.keys() | after.keys():
        old, new = before.get(table, {}), after.get(table, {})
        for number in old.keys() | new.keys():
            if old.get(number) != new.get(number):
                found[table, number] = (old.get(number), new.get(number))
    return found

"""Creates restrictions for the duration of a block: access records, key scopes and settings, stored as Odoo does."""

import contextlib
import json

NO_MORE = dict.fromkeys(("domain", "methods", "blocked"))
OPERATIONS = ("read", "write", "create", "unlink", "call")


class Restrictions:
    """Creates restrictions in one database and removes them again."""

    def __init__(self, db):
        self.db = db

    def _fields(self, table, column, row, model, names):
        for name in names:
            done = self.db.run(
                f"INSERT INTO {table} ({column}, field_id)"
                " SELECT %s, id FROM ir_model_fields WHERE model = %s AND name = %s",
                row,
                model,
                name,
            )
            assert done == 1, (model, name)

    def _values(self, domain, domain_json, allowed_methods, blocked_methods, off):
        values = {f"perm_{operation}": operation not in off for operation in OPERATIONS}
        values["domain"] = domain
        values["domain_json"] = json.dumps(domain_json) if domain_json is not None else None
        values["allowed_methods"] = allowed_methods
        values["blocked_methods"] = blocked_methods
        return values

    def _insert(self, table, values):
        names = ", ".join(values)
        places = ", ".join(["%s"] * len(values))
        return self.db.value(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING id", *values.values())

    def _model(self, model):
        return {"model": model, "model_id": self.db.value("SELECT id FROM ir_model WHERE model = %s", model)}

    @contextlib.contextmanager
    def access(
        self, model, *, hidden=(), allowed=(), off=(), groups=(), domain=None, methods=None, blocked=None, active=True
    ):
        """An access record of a model. `domain` is JSON, `groups` are external ids, `off` are forbidden operations."""
        values = self._model(model) | {"active": active}
        values |= self._values(json.dumps(domain) if domain else None, domain, methods, blocked, off)
        row = self._insert("mcp_access", values)
        try:
            self._fields("mcp_access_hidden_field_rel", "access_id", row, model, hidden)
            self._fields("mcp_access_allowed_field_rel", "access_id", row, model, allowed)
            for group in groups:
                module, name = group.split(".")
                self.db.run(
                    "INSERT INTO mcp_access_group_rel (access_id, group_id)"
                    " SELECT %s, res_id FROM ir_model_data WHERE model = 'res.groups' AND module = %s AND name = %s",
                    row,
                    module,
                    name,
                )
            yield row
        finally:
            self.db.run("DELETE FROM mcp_access WHERE id = %s", row)

    @contextlib.contextmanager
    def scope(
        self, key, lines=(), *, all_models=True, read_only=False, active=True, expires=None, companies=(), tools=()
    ):
        """Replaces the scope of the API key `key`. Each of `lines` is (model, values as for `access`)."""
        api_key, user = self.db.rows("SELECT id, user_id FROM res_users_apikeys WHERE index = %s", key[:8])[0].values()
        values = {
            "name": "test",
            "api_key_id": api_key,
            "user_id": user,
            "active": active,
            "read_only": read_only,
            "expires": expires,
            "all_models": all_models,
        }
        with without_scope(self.db, api_key), self._scope(values, lines, companies, tools) as scope:
            yield scope

    @contextlib.contextmanager
    def _scope(self, values, lines, companies, tools):
        scope = self._insert("mcp_key_scope", values)
        try:
            for model, line in lines:
                given = {**dict.fromkeys(("hidden", "allowed", "off"), ()), **NO_MORE, **line}
                domain = given["domain"]
                values = {"scope_id": scope} | self._model(model)
                values |= self._values(
                    json.dumps(domain) if domain else None, domain, given["methods"], given["blocked"], given["off"]
                )
                row = self._insert("mcp_key_scope_line", values)
                self._fields("mcp_key_scope_line_hidden_field_rel", "line_id", row, model, given["hidden"])
                self._fields("mcp_key_scope_line_allowed_field_rel", "line_id", row, model, given["allowed"])
            for company in companies:
                rows = "INSERT INTO mcp_key_scope_company_rel (scope_id, company_id) VALUES (%s, %s)"
                self.db.run(rows, scope, company)
            for tool in tools:
                self.db.run(
                    "INSERT INTO mcp_key_scope_tool_rel (scope_id, tool_id)"
                    " SELECT %s, id FROM mcp_tool WHERE name = %s",
                    scope,
                    tool,
                )
            yield scope
        finally:
            self.db.run("DELETE FROM mcp_key_scope WHERE id = %s", scope)

    def setting(self, name, value):
        """Sets one of our system parameters for the duration of a block."""
        return self.db.parameter(f"odoo_mcp.{name}", value)


@contextlib.contextmanager
def without_scope(db, api_key):
    """Removes the scope of the API key with the id `api_key` for the duration of a block."""
    columns = "name, api_key_id, user_id, active, all_models"
    own = db.rows(f"DELETE FROM mcp_key_scope WHERE api_key_id = %s RETURNING {columns}", api_key)
    try:
        yield
    finally:
        for row in own:
            db.run(f"INSERT INTO mcp_key_scope ({columns}) VALUES (%s, %s, %s, %s, %s)", *row.values())

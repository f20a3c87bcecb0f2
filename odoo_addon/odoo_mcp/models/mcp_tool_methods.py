# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Methods of the built-in tools, which Odoo runs as the calling user.

The database core validates and prepares the arguments, and finishes the results. These methods only call Odoo. Odoo
alone decides what the user may do.
"""

from odoo import _, api, models
from odoo.exceptions import AccessError, MissingError, UserError

from .. import compat
from ..execution.errors import BadArguments, NoMethod, PrivateMethod
from ..execution.json_values import ISO_UTC, to_json
from ..policy import record_checks
from ..tools import aggregation, binary_values, bulk
from ..tools.keyset import Keyset

OPERATIONS = ("read", "write", "create", "unlink")
MODULE_FIELDS = [
    "name",
    "shortdesc",
    "summary",
    "state",
    "installed_version",
    "application",
    "author",
    "category_id",
]


class McpTool(models.Model):
    # The tools' methods are split into files by topic.
    _inherit = "mcp.tool"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _tool_model(self, name):
        """Return the model ``name`` in the user's environment."""
        if name not in self.env:
            raise UserError(_("The model %s does not exist.", name))
        return self.env[name]

    def _tool_search(
        self,
        model,
        domain,
        fields,
        optional_fields=None,
        order=None,
        limit=None,
        offset=0,
        bounds=None,
        keyset=None,
        after=None,
        most_bytes=None,
    ):
        """Return records that match a domain, with the requested fields, and whether more follow."""
        target = self._tool_model(model)
        fields = _wanted_fields(target, fields, optional_fields)
        offset = offset or 0
        pages = Keyset(target, keyset) if keyset else None
        if pages and not pages.is_usable():
            pages = None
        if after and not pages:
            raise UserError(_("%s has changed since the cursor was created. Start again without cursor.", model))
        within = pages.domain(domain, after) if after else domain
        files = binary_values.names_in(target, fields)
        names = [name for name in fields if name not in files]
        plain = compat.searches_plainly(target)
        # One extra record shows whether more follow, unless the model drops records after the limit.
        most = limit + 1 if limit and plain else limit
        rows = target.search_read(within, names or ["id"], offset=offset, limit=most, order=order or None)
        more = bool(limit) and len(rows) > limit
        rows = rows[:limit] if limit else rows
        # A page that is not full is the last one, unless the model drops records after the limit.
        is_last = rows and not more and plain
        total = offset + len(rows) if is_last and not after else target.search_count(domain)
        if not plain:
            more = bool(rows) and offset + len(rows) < total
        keys = {}
        if pages and rows and (more or _may_be_cut(rows, most_bytes)):
            # The core may omit rows that do not fit, and then any of them may be the last.
            last = rows if _may_be_cut(rows, most_bytes) else rows[-1:]
            keys = pages.keys([row["id"] for row in last])
        binary_values.put_into(target, rows, files)
        record_checks.withhold(target, rows, bounds)
        return {"fields": fields, "records": rows, "total": total, "more": more, "keys": keys}

    def _tool_read(
        self, model, ids, fields, optional_fields=None, only=None, bounds=None, whole=False, most_bytes=None
    ):
        """Return records by id, with the requested fields, and the ids that do not exist."""
        target = self._tool_model(model)
        fields = _wanted_fields(target, fields, optional_fields)
        existing = target.browse(ids).exists()
        if not existing:
            # A user who may not read the model learns no ids of it; where some exist, the read decides.
            compat.check_model_access(target, "read")
        found = set(existing.ids)
        record_checks.check(existing, only)
        files = binary_values.names_in(target, fields)
        names = [name for name in fields if name not in files]
        rows = existing.read(names or ["id"])
        binary_values.put_into(target, rows, files, whole, most_bytes)
        record_checks.withhold(target, rows, bounds)
        missing = [record_id for record_id in dict.fromkeys(ids) if record_id not in found]
        return {"fields": fields, "records": rows, "missing": missing}

    def _tool_count(self, model, domain):
        """Count the records that match a domain."""
        return {"count": self._tool_model(model).search_count(domain)}

    def _tool_aggregate(self, model, domain, groupby, measures, **more):
        """Return groups of the records that match a domain, each with its measures."""
        return {"records": aggregation.groups(self._tool_model(model), domain, groupby, measures, **more)}

    def _tool_create(self, model, values, only=None, within=None):
        """Create records; return null for their names when the user may create but not read them."""
        written = record_checks.check_all(self.env, within)
        records = bulk.create(self._tool_model(model), values, only)
        record_checks.check_all(self.env, within, written)
        try:
            names = [record.display_name for record in records]
        except AccessError:
            names = [None] * len(records)
        return {"ids": records.ids, "names": names}

    def _tool_write(self, model, ids, values, runs=None, only=None, within=None):
        """Change records; write nothing when one of them does not exist.

        :param runs: number of consecutive ids for each object of ``values``; None: each object applies to all
        """
        records = self._tool_existing(model, ids, "write")
        record_checks.check(records, only)
        written = record_checks.check_all(self.env, within)
        if runs is None:
            records.write(values)
        else:
            bulk.write(records, values, runs)
        record_checks.check(records, only)
        record_checks.check_all(self.env, within, written)
        return {"ids": records.ids}

    def _tool_unlink(self, model, ids, only=None, within=None):
        """Delete records; delete nothing when one of them does not exist."""
        records = self._tool_existing(model, ids, "unlink")
        record_checks.check(records, only)
        written = record_checks.check_all(self.env, within)
        deleted = records.ids
        records.unlink()
        record_checks.check_all(self.env, within, written)
        return {"ids": deleted}

    def _tool_existing(self, model, ids, operation):
        target = self._tool_model(model)
        records = target.browse(dict.fromkeys(ids))
        missing = records - records.exists()
        if missing:
            compat.check_model_access(target, operation)
            raise MissingError(
                _(
                    "These records of %(model)s do not exist: %(ids)s.",
                    model=model,
                    ids=", ".join(map(str, missing.ids)),
                )
            )
        return records

    def _tool_callable_records(self, model, ids):
        """Return the records whose method is to be called.

        A user who may not read the model learns no ids of it, but may call methods that Odoo lets everybody call.
        """
        try:
            return self._tool_existing(model, ids, "read")
        except AccessError:
            return self._tool_model(model).browse(ids)

    def _tool_confirmation(self, model=None, ids=(), only=None, most=0):
        """Return the names of the first records of a confirmation, null where the user may not see a record."""
        if not model or not most:
            return {"names": []}
        try:
            records = self._tool_existing(model, ids, "read")
        except AccessError:
            # A user who may not read the model may still change it.
            return {"names": []}
        record_checks.check(records, only)
        return {"names": [self._tool_name(record) for record in records[:most]]}

    def _tool_name(self, record):
        try:
            compat.check_record_access(record, "read")
            return record.display_name
        except AccessError:
            return None

    def _tool_default_get(self, model, fields):
        """Return the values that Odoo would fill into a new record."""
        target = self._tool_model(model)
        values = target.default_get(fields)
        return {"values": values, "datetimes": _datetimes(target, values)}

    def _tool_method_call(self, model, method, ids=None, args=None, kwargs=None, only=None, within=None):
        """Call a public method of a model or of records, by Odoo's own rule for public methods."""
        target = self._tool_model(model)
        args, kwargs = args or [], kwargs or {}
        try:
            function = compat.public_method(target, method)
        except AccessError as error:
            raise PrivateMethod(str(error)) from error
        except AttributeError as error:
            message = _("The model %(model)s has no method %(method)s.", model=model, method=method)
            raise NoMethod(message, compat.own_public_methods(target)) from error
        if compat.is_model_method(function):
            if ids:
                raise BadArguments(
                    _("%s is a method of the model, not of records. Call it without ids.", f"{model}.{method}")
                )
            records = target
        else:
            records = self._tool_callable_records(model, ids or [])
            record_checks.check(records, only)
        try:
            compat.bind_arguments(function, records, *args, **kwargs)
        except TypeError as error:
            raise BadArguments(f"{model}.{method}: {error}") from error
        written = record_checks.check_all(self.env, within)
        result = function(records, *args, **kwargs)
        record_checks.check_all(self.env, within, written)
        # Datetimes are marked as such here, since the text alone would not show it.
        return {"result": to_json(result, moment=ISO_UTC)}

    def _tool_describe_model(self, model, fields=None):
        """Return the fields of a model that this user may see, and how its records are named and sorted."""
        target = self._tool_model(model)
        described = target.fields_get(fields or None)
        for name, attributes in described.items():
            field = target._fields.get(name)
            attributes["computed"] = bool(field is not None and field.compute and not field.related)
        return {
            "model": model,
            "description": self.env["ir.model"]._get(model).sudo().name or target._description,
            "order": target._order,
            "rec_name": target._rec_name or None,
            "rights": [name for name in OPERATIONS if compat.has_model_access(target, name)],
            "fields": described,
        }

    def _tool_list_modules(self, domain, limit=None, offset=0):
        """Return the apps of this database."""
        modules = self.env["ir.module.module"]
        offset = offset or 0
        rows = modules.search_read(domain, MODULE_FIELDS, offset=offset, limit=limit, order="name")
        for row in rows:
            row["category"] = row.pop("category_id")
            row["category"] = row["category"][1] if row["category"] else None
        return {"records": rows, "total": modules.search_count(domain)}

    def _tool_list_companies(self, only=None, bounds=None):
        """Return the companies that the user may work in, within the domain ``only``.

        :param bounds: domains by field: related records outside them are not named
        """
        user = self.env.user
        companies = record_checks.inside(self.env.companies, only).sudo()
        shown = {
            name: record_checks.inside(companies[name], (bounds or {}).get(name))
            for name in ("currency_id", "parent_id", "country_id")
        }
        return {
            "records": [
                {
                    "id": company.id,
                    "name": company.name,
                    "currency": (company.currency_id & shown["currency_id"]).name or None,
                    "parent": (company.parent_id & shown["parent_id"]).name or None,
                    "default": company == user.company_id,
                    "country": (company.country_id & shown["country_id"]).code or None,
                }
                for company in companies
            ]
        }

    def _tool_explain_access(self, model, operation, record_id, user_id, allowed_company_ids, only=None):
        """Whether record rules and the policy's domain let a user perform an operation on one record."""
        target = self._tool_model(model).with_user(user_id).with_context(allowed_company_ids=allowed_company_ids)
        record = target.browse(record_id)
        if not record.exists():
            reason = _("The record %(id)s of %(model)s does not exist.", id=record_id, model=model)
            return {"layer": "record", "reason": reason}
        if operation in ("read", "write", "unlink"):
            failing = self._tool_failing_rules(record, operation)
            if failing is not None:
                return {"layer": "record_rule", "reason": failing}
        try:
            record_checks.check(record, only)
        except AccessError:
            reason = _("The record is outside the domain that the MCP policy sets for the model.")
            return {"layer": "record_domain", "reason": reason}
        return {"layer": None, "reason": _("Odoo allows it for this record.")}

    def _tool_failing_rules(self, record, operation):
        """Return why record rules refuse ``operation`` on the record to the environment's user, or None.

        The rules' names are only for users who may read them.
        """
        try:
            compat.check_record_access(record, operation)
            return None
        except AccessError:
            rules = record.env["ir.rule"]._get_failing(record, mode=operation).sudo()
        try:
            compat.check_model_access(self.env["ir.rule"], "read")
        except AccessError:
            return _("A record rule refuses it for this record.")
        names = ", ".join(rules.mapped(lambda rule: rule.name or str(rule.id)))
        return _("Record rules refuse it for this record: %s.", names or _("one of a related model"))

    def _tool_server_action(self, server_action_id, arguments=None):
        """Run the server action of this tool; Odoo checks the action's own groups."""
        if self.sudo().server_action_id.id != server_action_id:
            raise UserError(_("The server action of this tool has changed. Call the tool again."))
        action = self.env["ir.actions.server"].browse(server_action_id)
        return {"result": action.with_context(mcp_arguments=arguments or {}).run()}

    def _tool_list_models(self):
        """Placeholder: the database core answers this tool, whose record needs a method name."""
        raise UserError(_("The database answers this tool, not Odoo."))


def _wanted_fields(model, fields, optional_fields):
    """Return ``fields`` without optional ones that the user may not read."""
    fields = list(fields or [])
    if not optional_fields:
        return fields
    optional = set(fields if optional_fields is True else optional_fields)
    readable = set(compat.readable_fields(model, fields))
    return [name for name in fields if name in readable or name not in optional]


def _may_be_cut(rows, most_bytes):
    """Whether the rows may be too large for the core: their texts are counted at their maximum length in JSON."""
    if not most_bytes:
        return False
    room = most_bytes
    for row in rows:
        room -= 4 + sum(_most_bytes(value) for value in row.values())
        if room < 0:
            return True
    return False


def _most_bytes(value):
    if isinstance(value, str):
        return 6 * len(value) + 3
    if isinstance(value, (list, tuple)):
        return 3 + sum(_most_bytes(item) + 1 for item in value)
    if isinstance(value, dict):
        return 3 + sum(6 * len(str(name)) + 4 + _most_bytes(item) for name, item in value.items())
    return 32


def _datetimes(model, values, place=()):
    """Return the positions of datetimes in the records that defaults would create: lists of names and indexes."""
    places = []
    for name, value in values.items():
        field = model._fields.get(name)
        if field is None:
            continue
        if place and field.type == "datetime" and value:
            places.append([*place, name])
        elif field.type in ("one2many", "many2many") and isinstance(value, (list, tuple)):
            for index, command in enumerate(value):
                if isinstance(command, (list, tuple)) and len(command) == 3 and isinstance(command[2], dict):
                    nested = model.env[field.comodel_name]
                    places += _datetimes(nested, command[2], (*place, name, index, 2))
    return places

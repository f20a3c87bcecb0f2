# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Methods of the built-in resources, which Odoo runs as the calling user.

The database core resolves a resource's address and finishes the results of these methods. They only query Odoo. Odoo
alone decides what the user may read.
"""

import base64
import contextlib

from odoo import _, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tools.mimetypes import guess_mimetype

from .. import compat, content
from ..execution.errors import BadArguments, NoMethod
from ..execution.json_values import encode_binary_fields
from ..policy import record_checks
from .mcp_resource import METHOD_PREFIX, OWN_METHODS

MODULE_FIELDS = [
    "name",
    "shortdesc",
    "summary",
    "description",
    "state",
    "installed_version",
    "application",
    "author",
    "website",
    "license",
    "category_id",
]
COMPLETE_PREFIX = METHOD_PREFIX + "complete_"


class McpResource(models.Model):
    _inherit = "mcp.resource"

    def _resource_schema(self, model, fields=None):
        """Return the fields of a model, for users who may read its records."""
        tools = self.env["mcp.tool"]
        compat.check_model_access(tools._tool_model(model), "read")
        return tools._tool_describe_model(model, fields)

    def _resource_modules(self, domain, limit=None, offset=0):
        """Return the installed apps."""
        return self.env["mcp.tool"]._tool_list_modules(domain, limit, offset)

    def _resource_module(self, module):
        """Return the description of an app."""
        found = self.env["ir.module.module"].search([("name", "=", module)])
        if not found:
            raise MissingError(_("The app %s does not exist.", module))
        values = found.read([name for name in MODULE_FIELDS if name in found._fields])[0]
        del values["id"]
        values["category"] = (values.pop("category_id") or [None, None])[1]
        with contextlib.suppress(AccessError):
            # Not every user who may read the list of apps may read their dependencies.
            values["depends"] = sorted(found.dependencies_id.mapped("name"))
        # Odoo has false for an unset text.
        return {name: None if value is False and name != "application" else value for name, value in values.items()}

    def _resource_record(self, model, record_id, fields, only=None, bounds=None):
        """Return one record, with those of the fields that the user may read."""
        record = self._resource_existing(model, record_id)
        compat.check_record_access(record, "read")
        record_checks.check(record, only)
        fields = compat.readable_fields(record, fields)
        try:
            values = record.read(fields)[0]
        except AccessError:
            # Some fields lead to records of models that the user may not read.
            values = _readable_values(record, fields)
            fields = [name for name in fields if name in values]
        record_checks.withhold(record, [values], bounds)
        return {"fields": fields, "records": encode_binary_fields(record, [values])}

    def _resource_existing(self, model, record_id):
        target = self.env["mcp.tool"]._tool_model(model)
        record = target.browse(record_id).exists()
        if not record:
            # A user who may not read the model learns no ids of it.
            compat.check_model_access(target, "read")
            raise MissingError(_("The record %(id)s of %(model)s does not exist.", id=record_id, model=model))
        return record

    def _resource_value(self, model, record_id, field, most_bytes, only=None, bounds=None):
        """Return the value of a field: ``value``, or ``blob`` and ``mime_type`` for a file."""
        record = self._resource_existing(model, record_id)
        record_checks.check(record, only)
        if record._fields[field].type != "binary":
            rows = record.read([field])
            record_checks.withhold(record, rows, bounds)
            return {"value": rows[0][field]}
        # Sizes in place of files: access is checked before the file is loaded.
        if not record.with_context(bin_size=True).read([field])[0][field]:
            raise MissingError(
                _("The field %(field)s of %(model)s %(id)s has no file.", field=field, model=model, id=record_id)
            )
        size, mime_type = _file_facts(record, field)
        if size <= most_bytes:
            file = _decoded(record, field, record.read([field])[0][field])
            size = len(file)
        if size > most_bytes:
            raise UserError(
                _(
                    "The file has %(size)s bytes. The limit for one answer is %(most)s bytes. An administrator can set "
                    "another limit for this resource.",
                    size=size,
                    most=most_bytes,
                )
            )
        return {"blob": file, "mime_type": mime_type or guess_mimetype(file)}

    def _resource_call(self, method, variables):
        """Return the result of an author's method for the variables in an address.

        Text, bytes and JSON values are distinguished here; parts made with the module ``content`` pass unchanged.
        """
        function = getattr(type(self), method, None)
        usable = method.startswith(METHOD_PREFIX) and not method.startswith(OWN_METHODS)
        if not usable or not callable(function):
            raise NoMethod(_("The model mcp.resource has no method %s.", method))
        try:
            compat.bind_arguments(function, self, **variables)
        except TypeError as error:
            raise BadArguments(f"{method}: {error}") from error
        made = function(self, **variables)
        if content.is_content(made):
            return made
        if made is None:
            raise MissingError(_("This address has no content."))
        if content.is_content(made):
            return made
        if isinstance(made, str):
            return {"text": made}
        if isinstance(made, (bytes, bytearray, memoryview)):
            made = bytes(made)
            return {"blob": made, "mime_type": guess_mimetype(made) if made else None}
        return {"json": made}

    # -- completion --------------------------------------------------------------------------------

    def _resource_complete(self, variable, value, model, method, given, limit, fields=None, only=None):
        """Complete a variable of an address: return ``values`` in order, or ``candidates`` with their labels.

        The author of ``_resource_something`` completes its variables by ``_resource_complete_something``.
        """
        own = COMPLETE_PREFIX + method[len(METHOD_PREFIX) :] if method else ""
        if callable(getattr(type(self), own, None)):
            return {"values": getattr(self, own)(variable=variable, value=value, given=given, limit=limit)}
        if variable == "module":
            modules = self.env["ir.module.module"].search([("state", "=", "installed")], order="name")
            return {"candidates": [[module.name, module.shortdesc or ""] for module in modules]}
        if variable not in ("id", "field") or not model:
            return {"values": []}
        target = self.env["mcp.tool"]._tool_model(model)
        compat.check_model_access(target, "read")
        if variable == "field":
            found = target.fields_get(fields, attributes=["string"])
            return {"candidates": sorted([name, field["string"]] for name, field in found.items())}
        found = target.name_search(value, only or [], "ilike", limit)
        ids = [record_id for record_id, _name in found]
        if value.isascii() and value.isdigit() and len(value) < 10:
            ids = target.search([("id", "=", int(value)), *(only or [])]).ids + ids
        return {"values": [str(record_id) for record_id in dict.fromkeys(ids)][:limit]}


def _readable_values(record, fields):
    """Return the values of the fields that the user may read, reading them one by one."""
    values = {"id": record.id}
    for name in fields:
        with contextlib.suppress(AccessError):
            values.update(record.read([name])[0])
    return values


def _file_facts(record, field):
    """Return (size, MIME type) of a file as far as they are known without loading it, else zero and None."""
    if _is_attachment(record, field):
        return record.file_size, record.mimetype
    if not record._fields[field].attachment:
        return 0, None
    stored = [("res_model", "=", record._name), ("res_field", "=", field), ("res_id", "=", record.id)]
    attachment = record.env["ir.attachment"].sudo().search(stored, limit=1)
    return attachment.file_size, attachment.mimetype


def _decoded(record, field, value):
    """Return the bytes of a file: Odoo stores all fields but one as base64."""
    return value if _is_attachment(record, field) and field == "raw" else base64.b64decode(value)


def _is_attachment(record, field):
    return record._name == "ir.attachment" and field in ("datas", "raw")

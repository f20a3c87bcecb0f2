# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""All differences between Odoo 16, 17, 18 and 19. No other module checks the version."""

import contextlib
import inspect
import io
import re
import socket
import ssl
import threading
import time

import psycopg2

import odoo
import odoo.http
from odoo import SUPERUSER_ID, api, fields, release, sql_db
from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.models import BaseModel
from odoo.modules.module import get_manifest
from odoo.modules.registry import Registry
from odoo.service import model as service_model
from odoo.service.model import retrying
from odoo.tools import config
from odoo.tools import image as image_tools

try:
    from odoo.tools import SQL
except ImportError:
    SQL = None
try:
    from odoo.fields import Domain
except ImportError:
    from odoo.osv import expression
try:
    from odoo.exceptions import ConcurrencyError
except ImportError:

    class ConcurrencyError(Exception):
        """Odoo 19's exception; never raised by earlier versions."""


try:
    from odoo.service.server import thread_local
except ImportError:
    thread_local = None

VERSION = release.version_info[0]
SERIES = release.series

GROUP_USERS_FIELD = "user_ids" if VERSION >= 19 else "users"
USER_GROUPS_FIELD = "group_ids" if VERSION >= 19 else "groups_id"
# With implied groups.
USER_ALL_GROUPS_FIELD = "all_group_ids" if VERSION >= 19 else "groups_id"
# The groups that see an action or a report in a menu.
ACTION_GROUPS_FIELD = "group_ids" if VERSION >= 19 else "groups_id"
LIST_VIEW = "list" if VERSION >= 18 else "tree"
# The aggregate function of a field in grouped lists.
AGGREGATOR = "aggregator" if VERSION >= 18 else "group_operator"

# Route options that exist only in some versions.
ROUTE_OPTIONS = {"readonly": False} if VERSION >= 18 else {}

_LIST_TAG = re.compile(r"(</?)list\b")
_CONDITION = re.compile(r'''invisible="(\w+) (==|!=|not in|in) ('[^"]*'|\([^"]*\)|True|False)"''')

ORM_MODULES = ("odoo.orm.", "odoo.fields", "odoo.models", "odoo.osv.", "odoo.sql_db")


def addon_version():
    """Return the version of the installed addon's code, from its manifest."""
    return get_manifest("odoo_mcp").get("version", "")


# ------------------------------------------------------------------ environments, registries, threads


def as_environment(env_or_cr):
    """Return the environment handed to a hook: version 16 hands a cursor."""
    if isinstance(env_or_cr, api.Environment):
        return env_or_cr
    return api.Environment(env_or_cr, SUPERUSER_ID, {})


def checked_registry(database, cr):
    """Return the registry of ``database``, reloaded when another process has changed it."""
    registry = Registry(database)
    return registry.check_signaling(cr) if VERSION >= 18 else registry.check_signaling()


def user_environment(cr, uid, context):
    """Return the environment of the user ``uid``, not superuser, with exactly ``context``."""
    env = api.Environment(cr, uid, context)
    if VERSION >= 19:
        env.transaction.default_env = env
    return env


def under_test():
    """Whether Odoo runs its tests: all cursors then share one transaction."""
    return bool(config["test_enable"]) or bool(getattr(threading.current_thread(), "testing", False))


def reset_thread_state():
    """Reset the thread as ``Application.__call__`` does first: a worker's thread serves many requests."""
    thread = threading.current_thread()
    thread.query_count = 0
    thread.query_time = 0
    thread.perf_t0 = time.time()
    if VERSION >= 18:
        thread.cursor_mode = None
    for name in ("dbname", "uid"):
        if hasattr(thread, name):
            delattr(thread, name)
    if VERSION >= 19:
        thread_local.rpc_model_method = ""


def name_rpc_call(label):
    """Tell Odoo's access log which method a request runs (Odoo 19)."""
    if VERSION >= 19:
        thread_local.rpc_model_method = label


def many_requests_at_once():
    """Whether this process serves several requests at a time (threaded or gevent)."""
    return bool(getattr(odoo, "evented", False)) or not config["workers"]


def connection_is_lost(error):
    """Whether the driver reports a lost server while it still considers the connection open.

    After a crash of PostgreSQL the first statement on a connection finds the server's last message there before the end
    of the stream. The driver raises it as a plain ``DatabaseError`` without a code.
    """
    return type(error) is psycopg2.DatabaseError and not error.pgcode


def fresh_cursor(make):
    """Return the cursor that ``make`` opens, past dead connections in Odoo's pool.

    When the pool resets a connection, it expects that the connection is closed or fails with a subclass of that error.
    Each connection from before a crash would cost one request. Such a connection is closed and skipped.
    """
    for _dead in range(pool_size()):
        try:
            return make()
        except psycopg2.DatabaseError as error:
            if not connection_is_lost(error):
                raise
    return make()


def pool_size():
    """Return the maximum number of connections of Odoo's pool in this process."""
    size = config["db_maxconn"]
    if getattr(odoo, "evented", False) and "db_maxconn_gevent" in config.options:
        size = config["db_maxconn_gevent"] or size
    return max(size, 1)


# ------------------------------------------------------------------ HTTP


def configured_databases():
    """Return the names given by ``-d``, or an empty list."""
    names = config["db_name"] or []
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",")]
    return [name for name in names if name]


def database_header():
    """Return the key of the WSGI environment that names a database, where Odoo supports such a header."""
    return "HTTP_X_ODOO_DATABASE" if VERSION >= 19 else None


def client_connection(environ):
    """Return the socket of an HTTP request if another thread can inspect it, or None."""
    connection = environ.get("werkzeug.socket") or environ.get("socket")
    plain = isinstance(connection, socket.socket) and not isinstance(connection, ssl.SSLSocket)
    return connection if plain and not getattr(odoo, "evented", False) else None


def raw_environ(httprequest):
    """Return the WSGI environment of Odoo's request with its input stream, untouched by any form parser."""
    return httprequest._HTTPRequest__environ


@contextlib.contextmanager
def bound_request(environ, database, env=None):
    """Bind ``odoo.http.request`` as during an RPC call, for business code that uses it.

    The session is new, empty and never saved.
    """
    environ = {key: value for key, value in environ.items() if not key.startswith("werkzeug.request")}
    environ.update({"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0", "CONTENT_TYPE": ""})
    environ.setdefault("HTTP_HOST", "localhost")
    for key in ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_TRANSFER_ENCODING", "wsgi.input_terminated"):
        environ.pop(key, None)
    with odoo.http.HTTPRequest(environ) as httprequest:
        request = odoo.http.Request(httprequest)
        session = odoo.http.root.session_store.new()
        for key, value in odoo.http.get_default_session().items():
            session.setdefault(key, value)
        session.can_save = False
        session.db = database
        session.is_dirty = False
        request.session = session
        request.db = database
        request.env = env
        request.registry = env.registry if env is not None else Registry(database)
        # A retried call asks the request for its session again.
        request._get_session_and_dbname = lambda: (session, database)
        odoo.http._request_stack.push(request)
        try:
            yield request
        finally:
            odoo.http._request_stack.pop()


# ------------------------------------------------------------------ methods and fields


def public_method(model, name):
    """Return the method ``name`` of ``model`` if Odoo allows remote calls of it.

    :raises AccessError: for a private method
    :raises AttributeError: for an unknown method
    """
    if VERSION >= 18:
        return service_model.get_public_method(model, name)
    service_model.check_method_name(name)
    method = getattr(type(model), name, None)
    if not callable(method):
        raise AttributeError(name)
    return method


def own_public_methods(model):
    """Return the names of ``model``'s remotely callable methods, without those that every model has."""
    kind = type(model)
    ours = (name for name in dir(kind) if not name.startswith("_") and not hasattr(BaseModel, name))
    methods = ((name, getattr(kind, name)) for name in ours)
    return sorted(
        name
        for name, method in methods
        if inspect.isfunction(method) and not getattr(method, "_api_private", False)
    )


def is_model_method(method):
    """Whether the method belongs to the model (``@api.model``) rather than to records."""
    if VERSION >= 19:
        return bool(getattr(method, "_api_model", False))
    return getattr(method, "_api", None) in ("model", "model_create")


def check_model_access(model, operation):
    """Raise ``AccessError`` when the user may not do ``operation`` on the model at all."""
    if VERSION >= 18:
        model.browse().check_access(operation)
    else:
        model.check_access_rights(operation)


def has_model_access(model, operation):
    """Whether the user may do ``operation`` on some records of the model."""
    if VERSION >= 18:
        return model.browse().has_access(operation)
    return model.check_access_rights(operation, raise_exception=False)


def check_record_access(records, operation):
    """Raise ``AccessError`` when the user may not do ``operation`` on the records."""
    if VERSION >= 18:
        records.check_access(operation)
    else:
        records.check_access_rights(operation)
        records.check_access_rule(operation)


def readable_records(records):
    """Return the records that record rules let the user read."""
    if VERSION >= 18:
        return records._filtered_access("read")
    return records._filter_access_rules_python("read")


def searches_plainly(model):
    """Whether the model searches as the ORM does: a page then has as many records as its limit allows."""
    return type(model)._search is BaseModel._search


def orders_plainly(model):
    """Whether the model orders records as the ORM does: by the columns that an order names."""
    names = ("_order_to_sql", "_order_field_to_sql", "_generate_order_by", "_generate_order_by_inner")
    return all(getattr(type(model), name, None) is getattr(BaseModel, name, None) for name in names)


# Whether a translated text is available as a column of the current language.
TRANSLATED_COLUMNS = VERSION >= 17


def column_sql(model, alias, name, query):
    """Return the SQL text and parameters that an order by the stored field ``name`` compares."""
    if VERSION >= 17:
        found = model._field_to_sql(alias, name, query)
        text, params = found.code, list(found.params)
    else:
        text, params = f'"{alias}"."{name}"', []
    if model._fields[name].type == "boolean":
        text = f"COALESCE({text}, FALSE)"
    return text, params


def domain_with_sql(model, domain, make):
    """Return ``domain`` combined with a condition in SQL, for searching ``model``.

    :param make: function of model, alias and query that returns SQL text and parameters
    """
    if VERSION >= 19:

        def condition(model, alias, query):
            text, params = make(model, alias, query)
            return SQL(text, *params)

        return Domain(domain) & Domain.custom(to_sql=condition)
    # A domain of these versions cannot contain SQL, but accepts a query.
    query = model.sudo().with_context(active_test=False)._search([])
    text, params = make(model, model._table, query)
    if VERSION >= 17:
        query.add_where(SQL(text, *params))
    else:
        query.add_where(text, params)
    return expression.AND([domain, [("id", "in", query)]])


def read_groups(model, domain, groupby, measures, having, order, limit, offset):
    """Return the rows of groups of records: the group values (records for relations) and the measures.

    :param groupby: fields, and dates with a granularity: ``partner_id``, ``date:month``
    :param measures: ``amount:sum`` and the like, and ``__count``
    :param having: conditions on measures, as a domain
    :param order: terms of both; without any, groups are ordered by their plain values
    :raises ValueError: when a field cannot be grouped by or measured
    """
    if VERSION >= 17:
        return model._read_group(
            domain, groupby, measures, having=having, offset=offset, limit=limit, order=order
        )
    return _read_groups_16(model, domain, groupby, measures, order, limit, offset)


def _read_groups_16(model, domain, groupby, measures, order, limit, offset):
    """Do the work of :func:`read_groups` with Odoo 16's ``read_group``, which has no conditions on measures.

    It ignores unsupported groups and measures, which are therefore refused before.
    """
    for spec in [*groupby, *(spec for spec in measures if spec != "__count")]:
        if not can_aggregate(model, spec, spec in groupby):
            raise ValueError(spec)
    if order is None:
        many2ones = [spec for spec in groupby if model._fields[spec.partition(":")[0]].type == "many2one"]
        order = ",".join(f"{spec}.id" if spec in many2ones else spec for spec in groupby)
    terms = [term.split() for term in order.split(",") if term.strip()]
    measured = [*measures, *(term[0] for term in terms if term[0].removesuffix(".id") not in [*groupby, *measures])]
    aliases = {spec: "__count" if spec == "__count" else f"measure_{at}" for at, spec in enumerate(measured)}
    specs = [
        "{}:{}({})".format(alias, *reversed(spec.split(":"))) for spec, alias in aliases.items() if spec != "__count"
    ]
    orderby = ",".join(" ".join([aliases.get(term[0], term[0]), *term[1:]]) for term in terms)
    groups = model.read_group(
        domain, specs, groupby, offset=offset, limit=limit, orderby=orderby or False, lazy=False
    )
    return [
        (
            *(_group_value_16(model, group, spec) for spec in groupby),
            *(group[aliases[spec]] for spec in measures),
        )
        for group in groups
    ]


def _group_value_16(model, group, spec):
    """Return the value of a group of ``read_group``: for a date, the first day in the context's time zone."""
    name = spec.partition(":")[0]
    field = model._fields[name]
    value = group[spec]
    if not value:
        return value
    if field.type in ("many2one", "many2many"):
        return model.env[field.comodel_name].browse(value[0])
    if field.type not in ("date", "datetime"):
        return value
    start = group["__range"][spec]["from"]
    if field.type == "date":
        return start
    zone = model.env.context.get("tz")
    local = fields.Datetime.context_timestamp(model.with_context(tz=zone or "UTC"), fields.Datetime.to_datetime(start))
    return local.replace(tzinfo=None)


def can_aggregate(model, spec, is_group):
    """Whether the ORM can generate SQL for a group or a measure."""
    if VERSION < 17:
        field = model._fields[spec.partition(":")[0]]
        return bool(field.store and (field.column_type or field.type == "many2many"))
    try:
        query = model._search([])
        if VERSION >= 19:
            _sql = (
                model._read_group_groupby(model._table, spec, query)
                if is_group
                else model._read_group_select(spec, query)
            )
        else:
            _sql = model._read_group_groupby(spec, query) if is_group else model._read_group_select(spec, query)
    except ValueError:
        return False
    return True


def finds_names_by_itself(kind):
    """Whether the model class overrides the search of records by name."""
    names = ("name_search", "_name_search", "_search_display_name")
    return any(getattr(kind, name, None) is not getattr(BaseModel, name, None) for name in names)


def readable_fields(model, names):
    """Return the ``names`` that the user may read; unknown names are kept, so that Odoo refuses them."""
    if VERSION >= 19:
        return [
            name for name in names if name not in model._fields or model._has_field_access(model._fields[name], "read")
        ]
    readable = set(model.check_field_access_rights("read", None))
    return [name for name in names if name not in model._fields or name in readable]


def bind_arguments(function, /, *args, **kwargs):
    """Raise ``TypeError`` when ``function`` cannot be called with these arguments."""
    inspect.signature(function).bind(*args, **kwargs)


def webp_size(raw):
    """Return ``(width, height)`` from the header of a WEBP image, or None where Odoo cannot tell."""
    measure = getattr(image_tools, "get_webp_size", None)
    try:
        return measure(raw) if measure else None
    except (UserError, ValueError, IndexError):
        return None


# ------------------------------------------------------------------ passwords


def authenticate(registry, database, login, password):
    """Check a password by Odoo's own non-interactive check, as XML-RPC does.

    :returns: ``(uid, local)``, where ``local`` says that the hash in ``res_users`` decided
    :raises AccessDenied: when Odoo refuses it
    """
    agent = {"interactive": False}
    credential = _password_credential(login, password)
    if VERSION >= 19:
        with registry.cursor() as cr:
            env = api.Environment(cr, None, {})
            env.transaction.default_env = env
            info = env["res.users"].authenticate(credential, agent)
    elif VERSION == 18:
        info = registry["res.users"].authenticate(database, credential, agent)
    else:
        uid = registry["res.users"].authenticate(database, login, password, agent)
        return uid, _is_local_password(registry, uid, password)
    return info["uid"], info.get("auth_method") == "password"


def session_token_fields(database):
    """Return the fields that Odoo's session token depends on: sessions end when one changes."""
    with contextlib.closing(Registry(database).cursor()) as cr:
        return sorted(api.Environment(cr, SUPERUSER_ID, {})["res.users"]._get_session_token_fields())


def _password_credential(login, password):
    return {"type": "password", "login": login, "password": password}


def _is_local_password(registry, uid, password):
    """Check the password against the local hash: versions 16 and 17 do not say which method accepted it."""
    with registry.cursor() as cr:
        users = api.Environment(cr, SUPERUSER_ID, {})["res.users"]
        cr.execute("SELECT password FROM res_users WHERE id = %s", (uid,))
        hashed = cr.fetchone()[0]
        return bool(hashed) and users._crypt_context().verify(password, hashed)


# ------------------------------------------------------------------ API keys


def generate_key(user, scope, name, expires, unlimited):
    """Generate an API key of ``user`` by Odoo's own code and limits: ``(secret, id)``. The secret is stored nowhere.

    :param expires: naive UTC or None; stored by Odoo from 18 on
    :param unlimited: whether the key may be valid as long as an administrator's
    :raises ValidationError: when Odoo does not allow this user such an expiry
    """
    keys = user.env["res.users.apikeys"].with_user(user)
    until = (expires,) if VERSION >= 18 else ()
    secret = keys.sudo(unlimited)._generate(scope, name, *until)
    # Odoo does not return the id; the sequence's last value in this connection is that of the new row.
    keys.env.cr.execute(
        "SELECT pg_catalog.currval(pg_catalog.pg_get_serial_sequence('public.res_users_apikeys', 'id'))"
    )
    return secret, keys.env.cr.fetchone()[0]


def key_days(user):
    """Return Odoo's maximum validity of a key of ``user`` in days; None: unlimited."""
    if VERSION < 18 or user.has_group("base.group_system"):
        return None
    return max(user.sudo()[USER_ALL_GROUPS_FIELD].mapped("api_key_duration")) or 1.0


def key_expires(key):
    """Return when Odoo itself stops accepting ``key``: naive UTC, or False."""
    return key.expiration_date if VERSION >= 18 else False


# ------------------------------------------------------------------ data that only some versions can load


def group_as_privilege(env, groups):
    """Show ``groups`` as one choice on the user form: a category up to 18, a privilege from 19 on."""
    category = _named_record(env, "module_category_mcp", "ir.module.category", {"name": "MCP", "sequence": 90})
    if VERSION >= 19:
        privilege = _named_record(
            env, "res_groups_privilege_mcp", "res.groups.privilege", {"name": "MCP", "category_id": category.id}
        )
        groups.write({"privilege_id": privilege.id})
    else:
        groups.write({"category_id": category.id})


def _named_record(env, name, model, values):
    record = env.ref(f"odoo_mcp.{name}", raise_if_not_found=False)
    if record:
        return record
    record = env[model].create(values)
    env["ir.model.data"].create(
        {"module": "odoo_mcp", "name": name, "model": model, "res_id": record.id, "noupdate": True}
    )
    return record


def old_list_view(vals):
    """Return the values of one of this addon's views with the tag of list views up to Odoo 17."""
    if not str(vals.get("model") or "").startswith("mcp."):
        return vals
    arch = {key: vals[key] for key in ("arch", "arch_base", "arch_db") if isinstance(vals.get(key), str)}
    return {**vals, **{key: _old_arch(text) for key, text in arch.items()}}


def _old_arch(text):
    text = _LIST_TAG.sub(r"\1tree", text)
    return _CONDITION.sub(_old_condition, text) if VERSION < 17 else text


def _old_condition(found):
    """Convert ``invisible``: a Python expression is the only form since Odoo 17; a domain before."""
    name, operator, value = found.groups()
    operator = {"==": "="}.get(operator, operator)
    return f"""attrs="{{'invisible': [('{name}', '{operator}', {value})]}}\""""


def old_list_action(vals):
    """Return the values of one of this addon's window actions with the view mode of lists up to Odoo 17."""
    if not str(vals.get("res_model") or "").startswith("mcp.") or not vals.get("view_mode"):
        return vals
    return {**vals, "view_mode": vals["view_mode"].replace("list", "tree")}


def repeat_forever(cron):
    """Keep a scheduled action running: versions 16 and 17 count its runs down."""
    if "numbercall" in cron._fields:
        cron.write({"numbercall": -1})


__all__ = [
    "AccessDenied",
    "AccessError",
    "ConcurrencyError",
    "Registry",
    "retrying",
    "sql_db",
]

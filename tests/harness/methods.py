"""Lists the public methods that a caller with a restriction may still call, according to the core."""

from .environment import Environment

DATABASE = "methods"
# A restriction of one model makes its caller a restricted one.
RESTRICTED = "mail.activity.type"
# Every public method of every installed model, without the ORM's own, and the core's verdict on it.
_ASK = """
import inspect
from odoo.addons.odoo_mcp import compat
admin = env.ref('base.user_admin').id
model_id = env['ir.model']._get_id({restricted!r})
env['mcp.access'].create({{'model_id': model_id, 'perm_write': False}})
env.flush_all()

def verdict(model, method):
    env.cr.execute(
        "SELECT public.mcp_dispatch_tool(%s, 'explain_access', jsonb_build_object("
        " 'model', %s::text, 'operation', 'call', 'method', %s::text))", (admin, model, method))
    answer = env.cr.fetchone()[0]
    return answer['result']['structuredContent']

def parameters(function):
    listed = list(inspect.signature(function).parameters.values())[1:]
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p.name for p in listed if p.default is inspect.Parameter.empty and p.kind in named]

result = []
for name in sorted(env.registry):
    model = env[name]
    for method in compat.own_public_methods(model):
        function = getattr(type(model), method)
        said = verdict(name, method)
        result.append({{
            'model': name, 'method': method, 'allowed': bool(said.get('allowed')), 'layer': said.get('layer'),
            'needs': parameters(function), 'of_model': compat.is_model_method(function)}})
env.cr.rollback()
"""


def of(environment, database):
    """Every public method of a database: `model`, `method`, `allowed`, `layer`, `needs` (parameters), `of_model`."""
    return environment.shell(database, _ASK.format(restricted=RESTRICTED))


def listed():
    """The methods of the demo data that a restricted caller may call, as readable text."""
    with Environment() as environment:
        database = environment.fresh_database(DATABASE, "plain")
        methods = of(environment, database)
        environment.drop_database(database)
    lines = [f"{one['model']}.{one['method']}" for one in methods if one["allowed"]]
    return "\n".join([*lines, f"{len(lines)} of {len(methods)} public methods"])

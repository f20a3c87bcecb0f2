"""The shared database: its users, their keys, and records that distinguish the users' rights."""

import json
from dataclasses import dataclass, field

from . import mcp
from .database import Database
from .json2 import Json2

SPARES = 90
# Tests send hundreds of requests a minute and many wrong credentials, all from one address. Limits are therefore off,
# except in the tests of limits, which set them.
WITHOUT_LIMITS = {"rate_per_minute": "0", "lockout_failures": "0", "max_concurrent": "0"}
RIVAL = "Rival Company"

PEOPLE = {
    # She sees only her own documents.
    "sally": {
        "groups": ["base.group_user", "sales_team.group_sale_salesman", "odoo_mcp.group_mcp_user"],
        "tz": "America/New_York",
    },
    # She sees all documents of another company.
    "olga": {
        "groups": ["base.group_user", "sales_team.group_sale_salesman_all_leads", "odoo_mcp.group_mcp_user"],
        "tz": "Asia/Kolkata",
        "company": RIVAL,
    },
    "petra": {"groups": ["base.group_portal", "odoo_mcp.group_mcp_user"], "tz": False},
    # An internal user without access to MCP.
    "norma": {"groups": ["base.group_user"], "tz": "UTC"},
    "ian": {"groups": ["base.group_user", "odoo_mcp.group_mcp_user"], "tz": "UTC", "active": False},
    "tom": {"groups": ["base.group_user", "odoo_mcp.group_mcp_user"], "tz": "UTC", "totp": True},
}

_MAKE = """
import base64, datetime, json, os
wanted = json.loads({wanted})
now = datetime.datetime.now()
main = env.ref('base.main_company')
rival = env['res.company'].create({{'name': {rival!r}}})
# Odoo's own pause after wrong passwords, for each process and address, would meet whoever signs in next.
env['ir.config_parameter'].set_param('base.login_cooldown_after', '0')
for name, value in {limits!r}.items():
    env['ir.config_parameter'].set_param('odoo_mcp.' + name, value)
keys = env['res.users.apikeys']
def generate(user, scope, days):
    end = now + datetime.timedelta(days=days)
    return keys.with_user(user).sudo()._generate(scope, str(scope), end)
result = {{'people': {{}}, 'spares': []}}
def make(login, groups, tz, company, password):
    return env['res.users'].with_context(no_reset_password=True).create({{
        'name': login.title(), 'login': login, 'email': login + '@example.com', 'tz': tz, 'password': password,
        'group_ids': [(6, 0, [env.ref(group).id for group in groups])],
        'company_id': company.id, 'company_ids': [(6, 0, company.ids)]}})
admin = env.ref('base.user_admin')
admin.tz = 'Europe/Brussels'
everybody = {{'admin': (admin, 'admin')}}
for login, facts in wanted.items():
    password = login + '-secret-' + os.urandom(6).hex()
    company = rival if facts.get('company') else main
    everybody[login] = (make(login, facts['groups'], facts['tz'], company, password), password)
for login, (user, password) in everybody.items():
    # Who signs in for the first time gets the browser's time zone.
    env['res.users.log'].with_user(user).sudo().create({{}})
    mcp_key = generate(user, 'mcp', 1)
    made = keys.search([('user_id', '=', user.id), ('scope', '=', 'mcp')])
    env['mcp.key.scope'].create({{
        'name': 'Everything', 'user_id': user.id, 'all_models': True, 'api_key_id': made.id,
        'expires': made.expiration_date}})
    result['people'][login] = {{
        'id': user.id, 'password': password, 'tz': user.tz or None,
        'keys': {{'rpc': generate(user, 'rpc', 1), 'none': generate(user, None, 1), 'mcp': mcp_key,
                  'expired': generate(user, 'rpc', -1), 'other': generate(user, '2fa', 1)}}}}
spares = env['res.users'].with_context(no_reset_password=True).create([{{
    'name': 'Spare %02d' % number, 'login': 'spare%02d' % number, 'tz': 'UTC',
    'email': 'spare%02d@example.com' % number, 'company_id': main.id, 'company_ids': [(6, 0, main.ids)],
    'group_ids': [(6, 0, [env.ref('base.group_user').id, env.ref('odoo_mcp.group_mcp_user').id])],
}} for number in range({spares})])
result['spares'] = [{{'login': user.login, 'id': user.id, 'key': generate(user, 'rpc', 1)}} for user in spares]
sally, olga = everybody['sally'][0], everybody['olga'][0]
partners = env['res.partner'].create([
    {{'name': 'Zebra Customer %d' % n, 'email': 'zebra%d@example.com' % n, 'is_company': True}} for n in range(3)]
    + [{{'name': 'Zebra of the Rival', 'company_id': rival.id}}])
result['partners'] = partners.ids
leads = env['crm.lead'].create([
    {{'name': "Zebra's lead %d" % n, 'user_id': (sally if n % 2 else admin).id, 'type': 'opportunity',
      'expected_revenue': 100.5 * n, 'date_deadline': '2026-0%d-15' % (n + 1)}} for n in range(4)])
result['leads'] = leads.ids
orders = env['sale.order'].create([
    {{'partner_id': partners[0].id, 'user_id': sally.id, 'date_order': '2026-01-15 23:30:00'}},
    {{'partner_id': partners[1].id, 'user_id': admin.id, 'date_order': '2026-07-15 03:30:00'}}])
result['orders'] = orders.ids
orders += env['sale.order'].with_company(rival).create(
    {{'partner_id': partners[3].id, 'user_id': olga.id, 'company_id': rival.id, 'date_order': '2026-03-29 00:30:00'}})
result['orders'] = orders.ids
result['rival'] = rival.id
result['main'] = main.id
env.flush_all()
if 'totp_secret' in env['res.users']._fields:
    secret = base64.b32encode(os.urandom(20)).decode()
    env.cr.execute('UPDATE res_users SET totp_secret = %s WHERE login = %s', (secret, 'tom'))
# As an administrator archives somebody: their keys stay in the table.
env['res.users'].search([('login', '=', 'ian')]).active = False
"""


@dataclass
class Person:
    """A user with their credentials."""

    login: str
    id: int
    keys: dict
    password: str | None = None
    tz: str | None = None

    @property
    def key(self):
        """The ordinary API key."""
        return self.keys["rpc"]


@dataclass
class World:
    """The database and its users."""

    name: str
    origin: str
    environment: object
    people: dict
    partners: list
    leads: list
    orders: list
    rival: int
    main: int
    db: Database
    _spares: list = field(default_factory=list)

    def __getitem__(self, login):
        return self.people[login]

    def copy(self, name):
        """A separate database with the same users, keys and records."""
        self.environment.fresh_database(name, self.origin)
        return Database(self.environment.dsn(name))

    def client(self, server, login="admin", scope="rpc", **more):
        """An MCP client with a user's API key."""
        return mcp.Client(server, mcp.bearer(self.people[login].keys[scope]), **more)

    def json2(self, server, login="admin"):
        """Odoo's own JSON-2 interface with the same key."""
        return Json2(server, self.people[login].key)

    def spare(self):
        """A user with an API key that no other test touches."""
        made = self._spares.pop()
        return Person(made["login"], made["id"], {"rpc": made["key"]})


def make_world(environment, name="world"):
    """A copy of the template database with the tests' users and records.

    No process ever connects to `origin`, from which tests create separate databases.
    """
    origin = f"{name}_origin"
    environment.fresh_database(origin)
    wanted = json.dumps(json.dumps(PEOPLE))
    code = _MAKE.format(wanted=wanted, rival=RIVAL, spares=SPARES, limits=WITHOUT_LIMITS)
    made = environment.shell(origin, code)
    people = {login: Person(login, **facts) for login, facts in made["people"].items()}
    environment.fresh_database(name, origin)
    return World(
        name,
        origin,
        environment,
        people,
        made["partners"],
        made["leads"],
        made["orders"],
        made["rival"],
        made["main"],
        Database(environment.dsn(name)),
        made["spares"],
    )

"""Keys for MCP: created by the wizard in a browser session, valid only at /mcp, and deleted with their scope."""

import json
import re
import xmlrpc.client

import pytest
from support import http, mcp
from support.json2 import Json2

JSON = ("Content-Type", "application/json")
INTERFACES = ("json2", "jsonrpc", "login", "xmlrpc")


class Browser:
    """A user signed in to Odoo's web client, through the web client's own requests."""

    def __init__(self, server, world, login):
        self.server = server
        self.person = world[login]
        self.cookie = None
        # How often Odoo asked for the password.
        self.asked = 0
        answer = self.post("/web/session/authenticate", {"db": world.name, "login": login, "password": self.password})
        assert answer["result"]["uid"] == self.person.id

    @property
    def password(self):
        return self.person.password

    def post(self, path, params):
        """The JSON-RPC answer of one of the web client's requests."""
        headers = [JSON] + ([("Cookie", self.cookie)] if self.cookie else [])
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        answer = http.exchange(self.server.port, "POST", path, headers, body)
        assert answer.status == 200, answer.text
        for name, value in answer.headers:
            if name == "Set-Cookie" and value.startswith("session_id="):
                self.cookie = value.split(";")[0]
        return answer.json

    def answer(self, model, method, *args, **kwargs):
        """The answer to a method call. Enters the password when Odoo asks for it."""
        call = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        answer = self.post(f"/web/dataset/call_kw/{model}/{method}", call)
        result = answer.get("result")
        if isinstance(result, dict) and result.get("res_model") == "res.users.identitycheck":
            return self.confirm(result["res_id"])
        return answer

    def call(self, model, method, *args, **kwargs):
        """The result of a method call, which Odoo must accept."""
        answer = self.answer(model, method, *args, **kwargs)
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]

    def refusal(self, model, method, *args, **kwargs):
        """The error message of a method call, which Odoo must refuse."""
        return self.answer(model, method, *args, **kwargs)["error"]["data"]["message"]

    def confirm(self, check):
        """Continues after Odoo has asked for the password."""
        self.asked += 1
        arguments = ("res.users.identitycheck", "run_check", [check])
        assert "Incorrect" in self.refusal(*arguments, context={"password": "wrong"})
        return self.answer(*arguments, context={"password": self.password})

    def make_key(self, **values):
        """Creates a key for MCP with the wizard and returns its secret."""
        default = self.call("mcp.key.create", "default_get", ["user_id", "expires", "reach"])
        # A key without rules per model.
        default["reach"] = "all"
        wizard = self.call("mcp.key.create", "create", [{**default, "name": "robot", **values}])
        action = self.call("mcp.key.create", "action_make", wizard)
        assert self.asked == 1
        assert action["res_model"] == "mcp.key.show"
        shown = self.call("mcp.key.show", "onchange", [], {}, [], {"key": {}, "owner": {}}, context=action["context"])
        assert shown["value"]["key"] == action["context"]["default_key"]
        return action["context"]["default_key"]


@pytest.fixture
def browser(world, fast_server):
    """Browser sessions of users. Deletes their keys for MCP afterwards."""
    yield lambda login="sally": Browser(fast_server, world, login)
    world.db.run(
        "DELETE FROM res_users_apikeys k USING mcp_key_scope s WHERE s.api_key_id = k.id AND s.name <> 'Everything'"
    )


def scope_of(db, person, name="robot"):
    return db.row("SELECT * FROM mcp_key_scope WHERE user_id = %s AND name = %s", person.id, name)


def odoo_answers_of(server, world, person, key):
    """The answers of Odoo's own interfaces to a key: /json/2, /jsonrpc and XML-RPC."""
    json2 = Json2(server, key).call("res.partner", "search_count", domain=[]).status == 200
    arguments = [world.name, person.id, key, "res.partner", "search_count", [[]]]
    call = {"jsonrpc": "2.0", "params": {"service": "object", "method": "execute_kw", "args": arguments}}
    jsonrpc = "result" in http.exchange(server.port, "POST", "/jsonrpc", [JSON], json.dumps(call).encode()).json
    login = {"service": "common", "method": "login", "args": [world.name, person.login, key]}
    signed_in = http.exchange(server.port, "POST", "/jsonrpc", [JSON], json.dumps({"params": login}).encode()).json
    proxy = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{server.port}/xmlrpc/2/object")
    try:
        xml = bool(proxy.execute_kw(*arguments))
    except xmlrpc.client.Fault:
        xml = False
    return dict(zip(INTERFACES, (json2, jsonrpc, bool(signed_in.get("result")), xml), strict=True))


def test_a_key_for_mcp_opens_mcp_alone(world, door, browser, provoke):
    sally = world["sally"]
    key = browser().make_key()
    assert re.fullmatch("[0-9a-f]{40}", key)
    for authorization in (mcp.bearer(key), mcp.basic("sally", key)):
        client = mcp.Client(door, authorization)
        assert client.result("count", {"model": "res.partner"})["count"] > 0
        assert client.initialize().status == 200
    # The key belongs to its owner, whatever login the request names.
    assert mcp.Client(door, mcp.basic("admin", key)).modern("tools/list").status == 401
    provoke("odoo.http: .*")
    assert odoo_answers_of(door, world, sally, key) == dict.fromkeys(INTERFACES, False)
    assert odoo_answers_of(door, world, sally, sally.key) == dict.fromkeys(INTERFACES, True)


def test_the_key_is_shown_once_and_kept_nowhere(world, db, fast_server, browser):
    person = browser()
    # Control: the form contains the key, so that the search finds an existing text.
    key = person.make_key(networks="127.0.0.1")
    stored = db.row("SELECT * FROM res_users_apikeys WHERE id = %s", scope_of(db, world["sally"])["api_key_id"])
    assert key not in json.dumps(stored, default=str)
    tables = [
        row["name"]
        for row in db.rows(
            "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname = 'public'"
        )
    ]
    found = [name for name in tables if db.value(f"SELECT 1 FROM {name} t WHERE t::text LIKE %s LIMIT 1", f"%{key}%")]
    assert found == []
    assert key not in fast_server.log.read_text(errors="replace")
    assert stored["index"] == key[:8]


def test_an_administrator_makes_a_key_for_anothers_agent(world, db, door, browser):
    admin, sally = browser("admin"), world["sally"]
    key = admin.make_key(user_id=sally.id, read_only=True)
    scope = scope_of(db, sally)
    assert (scope["user_id"], scope["read_only"]) == (sally.id, True)
    # The key has Sally's rights, and its audit rows are hers.
    own = mcp.Client(door, mcp.bearer(key)).result("count", {"model": "crm.lead"})
    assert own == world.client(door, "sally").result("count", {"model": "crm.lead"})
    row = db.row("SELECT user_id, api_key_id FROM mcp_audit_log WHERE api_key_id = %s LIMIT 1", scope["api_key_id"])
    assert row["user_id"] == sally.id


def test_a_curious_employee(world, db, browser):
    """Every attack that a user without administrator rights could try through Odoo's own RPC."""
    sally = browser()
    sally.make_key(read_only=True)
    scope = scope_of(db, world["sally"])
    for model, method, *arguments in (
        ("mcp.key.scope", "write", [scope["id"]], {"read_only": False}),
        ("mcp.key.scope", "write", [scope["id"]], {"networks": ""}),
        ("mcp.key.scope", "unlink", [scope["id"]]),
        ("mcp.key.scope", "create", [{"name": "x", "api_key_id": scope["api_key_id"]}]),
        ("mcp.key.scope.line", "create", [{"scope_id": scope["id"], "model_id": 1}]),
        ("mcp.access", "search_read", []),
        ("mcp.access", "create", [{"model_id": 1}]),
        ("res.users.apikeys", "write", [scope["api_key_id"]], {"scope": None}),
    ):
        refusal = sally.refusal(model, method, *arguments)
        assert "not allowed" in refusal or "access" in refusal.lower(), (model, method, refusal)
    # A key of another user, and an own key while only the administrator assigns scopes.
    wizard = sally.call("mcp.key.create", "create", [{"name": "x", "user_id": world["admin"].id}])
    assert "for yourself" in sally.refusal("mcp.key.create", "action_make", wizard)
    assert "rivate" in sally.refusal("mcp.key.create", "_make", wizard)
    wizard = sally.call("mcp.key.create", "create", [{"name": "x"}])
    assert "ccess" in browser("olga").refusal("mcp.key.create", "action_make", wizard)
    assert db.value("SELECT count(*) FROM mcp_key_scope WHERE name = 'x'") == 0
    assert scope_of(db, world["sally"])["read_only"] is True


def test_a_revoked_key_is_refused_at_once(world, db, door, browser):
    sally = browser()
    key = sally.make_key()
    client = mcp.Client(door, mcp.bearer(key))
    assert client.modern("tools/list").status == 200
    scope = scope_of(db, world["sally"])
    assert "access" in browser("olga").refusal("mcp.key.scope", "action_revoke", [scope["id"]]).lower()
    sally.call("mcp.key.scope", "action_revoke", [scope["id"]])
    assert client.modern("tools/list").status == 401
    assert db.value("SELECT count(*) FROM res_users_apikeys WHERE id = %s", scope["api_key_id"]) == 0


def test_what_odoo_removes_in_sql_takes_the_scope_along(world, db, door, browser):
    """Odoo's own cleanup of expired keys does not know scopes."""
    browser().make_key()
    scope = scope_of(db, world["sally"])
    db.run("DELETE FROM res_users_apikeys WHERE id = %s", scope["api_key_id"])
    assert db.value("SELECT count(*) FROM mcp_key_scope WHERE id = %s", scope["id"]) == 0


def test_a_stolen_key_is_of_no_use_elsewhere(db, door, browser, world):
    key = browser().make_key(networks="10.0.0.0/8")
    scope = scope_of(db, world["sally"])
    for authorization in (mcp.bearer(key), mcp.basic("sally", key)):
        client = mcp.Client(door, authorization)
        answer = client.modern("tools/list")
        assert answer.status == 403 and "may not be used from this address" in answer.message
        # A client's header claims an address. Without a proxy the server ignores it.
        answer = client.modern("tools/list", headers=[("X-Forwarded-For", "10.1.2.3"), ("X-Forwarded-Host", "odoo")])
        assert answer.status == 403
        assert client.initialize(keep=False).status == 403
    db.run("UPDATE mcp_key_scope SET networks = E'10.0.0.0/8\n127.0.0.0/8' WHERE id = %s", scope["id"])
    assert mcp.Client(door, mcp.bearer(key)).modern("tools/list").status == 200


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE mcp_key_scope SET active = {} WHERE id = %(scope)s",
        "UPDATE mcp_key_scope SET expires = now() + interval '1 day' * (2 * {}::int - 1) WHERE id = %(scope)s",
        "UPDATE res_users SET active = {} WHERE id = %(user)s",
    ],
    ids=["the scope is archived", "the scope has expired", "the owner is deactivated"],
)
def test_a_key_whose_scope_or_owner_is_out_of_force_is_refused(db, door, browser, world, change):
    key = browser("olga").make_key()
    olga = world["olga"]
    facts = {"scope": scope_of(db, olga)["id"], "user": olga.id}
    client = mcp.Client(door, mcp.bearer(key))
    assert client.modern("tools/list").status == 200
    try:
        with db.connection.cursor() as cursor:
            cursor.execute(change.format("false"), facts)
        assert client.modern("tools/list").status == 401
    finally:
        with db.connection.cursor() as cursor:
            cursor.execute(change.format("true"), facts)
    assert client.modern("tools/list").status == 200


def test_a_narrow_key_does_what_it_is_for(world, door, browser):
    """The wizard's settings apply. test_policy_bypass.py covers the ways around them."""
    admin, sally = browser("admin"), world["sally"]
    (model,) = admin.call("ir.model", "search", [["model", "=", "res.partner"]])
    (phone,) = admin.call("ir.model.fields", "search", [["model", "=", "res.partner"], ["name", "=", "phone"]])
    line = {
        "model_id": model,
        "perm_unlink": False,
        "domain": f"[('id', 'in', {world.partners[:2]})]",
        "hidden_field_ids": [[6, 0, [phone]]],
    }
    key = admin.make_key(user_id=sally.id, reach="named", line_ids=[[0, 0, line]])
    narrow, wide = mcp.Client(door, mcp.bearer(key)), world.client(door, "sally")
    assert narrow.result("count", {"model": "res.partner"})["count"] == 2
    assert wide.result("count", {"model": "res.partner"})["count"] > 2
    asked = {"model": "res.partner", "ids": world.partners[:1], "fields": ["name", "phone"]}
    assert "phone" in narrow.refusal("read", asked)
    assert wide.result("read", asked)
    assert "scope" in narrow.refusal("count", {"model": "crm.lead"})
    assert wide.result("count", {"model": "crm.lead"})
    assert "scope" in narrow.refusal("unlink", {"model": "res.partner", "ids": world.partners[:1]})


def test_a_key_makes_no_other_key(world, db, door, browser):
    """No key can create or extend keys, not even an administrator's."""
    before = db.value("SELECT count(*) FROM res_users_apikeys")
    client = mcp.Client(door, mcp.bearer(browser("admin").make_key()))
    for tool, arguments in (
        ("create", {"model": "mcp.key.create", "values": {"name": "x"}}),
        ("method_call", {"model": "mcp.key.create", "method": "action_make", "ids": [1]}),
        ("create", {"model": "mcp.key.scope", "values": {"name": "x"}}),
        ("search", {"model": "mcp.access"}),
        ("create", {"model": "res.users.apikeys.description", "values": {"name": "x"}}),
        ("method_call", {"model": "res.users.apikeys.description", "method": "make_key", "ids": [1]}),
    ):
        assert "closed to MCP" in client.refusal(tool, arguments), (tool, arguments)
    # The same key can read an open model.
    assert client.result("count", {"model": "res.partner"})["count"] > 0
    assert db.value("SELECT count(*) FROM res_users_apikeys") == before + 1


def test_where_a_scope_is_what_gives(world, door, browser):
    admin, sally = browser("admin"), world["sally"]
    key = admin.make_key(user_id=sally.id)
    scoped, ordinary = mcp.Client(door, mcp.bearer(key)), world.client(door, "sally")
    count = {"model": "res.partner"}
    assert ordinary.result("count", count)
    # Set as in the settings form, so that every Odoo worker learns of it.
    admin.call("ir.config_parameter", "set_param", "odoo_mcp.unscoped_keys", "none")
    try:
        assert scoped.result("count", count)
        assert "no scope" in ordinary.refusal("count", count)
        own = browser()
        wizard = own.call("mcp.key.create", "create", [{"name": "x"}])
        assert "Ask an administrator" in own.refusal("mcp.key.create", "action_make", wizard)
    finally:
        admin.call("ir.config_parameter", "set_param", "odoo_mcp.unscoped_keys", "user")
    assert ordinary.result("count", count)

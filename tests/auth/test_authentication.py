"""Authentication at both doors: API keys and passwords as Odoo accepts them, and the text of a refusal."""

import pytest
from support import http, mcp
from support.json2 import Json2


def refused(answer, status=401):
    """Asserts a refusal with this status, the right challenge, and no hint for an attacker."""
    assert answer.status == status, answer.text
    challenge = answer.header("WWW-Authenticate")
    if status == 401:
        assert challenge.startswith("Bearer")
        assert "resource_metadata" not in challenge
    else:
        assert challenge is None
    assert answer.json["id"] is None
    return answer


def welcome(answer, login=None):
    """Asserts that the server accepted the request."""
    assert answer.status == 200, answer.text
    return answer


@pytest.mark.parametrize("login", ["admin", "sally", "olga", "petra"])
def test_a_key_made_by_odoo_is_taken(world, door, login):
    welcome(world.client(door, login).modern("tools/list"))


def test_the_user_behind_the_key_is_the_one_who_acts(world, door):
    for login in ("admin", "sally", "petra"):
        made = world.client(door, login).result("test_context")
        assert (made["uid"], made["su"]) == (world[login].id, False)


@pytest.mark.parametrize("scope", ["rpc", "none", "mcp"])
def test_keys_of_these_scopes_are_taken(world, door, scope):
    welcome(world.client(door, "sally", scope).modern("tools/list"))


def test_a_key_of_another_scope_is_not(world, door):
    refused(world.client(door, "sally", "other").modern("tools/list"))


def test_a_key_of_the_scope_mcp_is_refused_by_odoos_own_interface(world, door):
    """Otherwise a key could bypass the policy through Odoo's own API."""
    assert Json2(door, world["sally"].keys["mcp"]).call("res.partner", "search_count", domain=[]).status == 401
    assert Json2(door, world["sally"].keys["rpc"]).call("res.partner", "search_count", domain=[]).status == 200


def test_a_setting_refuses_ordinary_keys(world, door, db):
    with db.parameter("odoo_mcp.accept_plain_keys", "False"):
        for scope in ("rpc", "none"):
            refused(world.client(door, "sally", scope).modern("tools/list"))
        welcome(world.client(door, "sally", "mcp").modern("tools/list"))


def test_an_expired_key_is_refused(world, door):
    refused(world.client(door, "sally", "expired").modern("tools/list"))


def test_an_inactive_users_key_is_refused(world, door):
    for scope in ("rpc", "none", "mcp"):
        refused(world.client(door, "ian", scope).modern("tools/list"))


@pytest.mark.parametrize("change", ["last letter", "first letter", "shorter", "longer", "upper case"])
def test_a_key_that_is_nearly_right_is_refused(world, door, change):
    key = world["sally"].key
    flip = {"0": "1"}
    wrong = {
        "last letter": key[:-1] + flip.get(key[-1], "0"),
        "first letter": flip.get(key[0], "0") + key[1:],
        "shorter": key[:-1],
        "longer": key + "0",
        "upper case": key.upper(),
    }[change]
    refused(mcp.Client(door, mcp.bearer(wrong)).modern("tools/list"))


def test_no_credential_gets_a_plain_challenge_and_a_wrong_one_says_so(world, door):
    missing = refused(mcp.Client(door).modern("tools/list"))
    assert "invalid_token" not in missing.header("WWW-Authenticate")
    wrong = refused(mcp.Client(door, mcp.bearer("0" * 40)).modern("tools/list"))
    assert 'error="invalid_token"' in wrong.header("WWW-Authenticate")


def test_all_wrong_credentials_get_the_same_text(world, door):
    """Unknown, expired, of another scope, of an inactive user, wrong password, unknown login."""
    credentials = [
        mcp.bearer("0" * 40),
        mcp.bearer(world["sally"].keys["expired"]),
        mcp.bearer(world["sally"].keys["other"]),
        mcp.bearer(world["ian"].key),
        mcp.basic("sally", "wrong"),
        mcp.basic("nobody-there", "wrong"),
        mcp.basic("ian", world["ian"].password),
    ]
    answers = [refused(mcp.Client(door, credential).modern("tools/list")) for credential in credentials]
    assert len({answer.message for answer in answers}) == 1
    assert len({answer.header("WWW-Authenticate") for answer in answers}) == 1


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_is_read_without_case(world, door, scheme):
    welcome(mcp.Client(door, f"{scheme} {world['sally'].key}").modern("tools/list"))


def test_the_key_is_taken_from_the_header_only(world, door):
    key = world["sally"].key
    for path in (f"/mcp?access_token={key}", f"/mcp?api_key={key}"):
        refused(mcp.Client(door, path=path).modern("tools/list"))
    refused(mcp.Client(door, headers=[("X-API-Key", key)]).modern("tools/list"))


# -- Basic --------------------------------------------------------------------------------------------


def test_basic_with_login_and_key(world, door):
    made = mcp.Client(door, mcp.basic("sally", world["sally"].key)).result("test_context")
    assert made["uid"] == world["sally"].id


def test_basic_with_another_users_key_is_refused(world, door):
    refused(mcp.Client(door, mcp.basic("admin", world["sally"].key)).modern("tools/list"))
    refused(mcp.Client(door, mcp.basic("sally", world["admin"].key)).modern("tools/list"))


def test_basic_with_an_expired_key_is_refused(world, door):
    refused(mcp.Client(door, mcp.basic("sally", world["sally"].keys["expired"])).modern("tools/list"))


def test_basic_with_login_and_password(world, door):
    client = mcp.Client(door, mcp.basic("sally", world["sally"].password))
    for _ in range(3):
        assert client.result("test_context")["uid"] == world["sally"].id


def test_basic_with_a_wrong_password_is_refused(world, door):
    refused(mcp.Client(door, mcp.basic("sally", world["sally"].password + "x")).modern("tools/list"))
    refused(mcp.Client(door, mcp.basic("sally", world["admin"].password)).modern("tools/list"))


def test_a_right_password_does_not_make_a_wrong_one_right(world, door):
    """The cache entry covers the whole credential."""
    welcome(mcp.Client(door, mcp.basic("sally", world["sally"].password)).modern("tools/list"))
    for login, secret in (("sally", "x"), ("admin", world["sally"].password), ("Sally", world["sally"].password)):
        refused(mcp.Client(door, mcp.basic(login, secret)).modern("tools/list"))


def test_two_factor_accounts_need_a_key(world, door):
    refused(mcp.Client(door, mcp.basic("tom", world["tom"].password)).modern("tools/list"))
    welcome(mcp.Client(door, mcp.basic("tom", world["tom"].key)).modern("tools/list"))
    welcome(world.client(door, "tom").modern("tools/list"))


def test_an_inactive_users_password_is_refused(world, door):
    refused(mcp.Client(door, mcp.basic("ian", world["ian"].password)).modern("tools/list"))


@pytest.mark.parametrize(
    "value", ["Basic", "Basic ", "Basic !!!", "Basic YWRtaW4=", "Bearer", "Bearer ", "Bearer a b", "Bearer \x07"]
)
def test_a_malformed_header_is_400(door, value):
    answer = mcp.Client(door, value).modern("tools/list")
    assert answer.status == 400
    assert "Authorization" in answer.message


def test_another_scheme_is_401(door):
    refused(mcp.Client(door, "Digest username=x").modern("tools/list"))
    refused(mcp.Client(door, "Negotiate abc").modern("tools/list"))


def test_two_authorization_headers_are_refused_even_when_one_is_right(world, door):
    right = ("Authorization", mcp.bearer(world["sally"].key))
    wrong = ("Authorization", mcp.bearer("0" * 40))
    for pair in ([right, right], [right, wrong], [wrong, right]):
        answer = http.exchange(
            door.port,
            "POST",
            "/mcp",
            [("Content-Type", "application/json"), *pair],
            b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}',
        )
        assert answer.status == 400, pair


# -- groups -------------------------------------------------------------------------------------------


def test_a_user_without_the_mcp_groups_is_403(world, door):
    for scope in ("rpc", "none", "mcp"):
        answer = refused(world.client(door, "norma", scope).modern("tools/list"), 403)
        assert "MCP User" in answer.message
    refused(mcp.Client(door, mcp.basic("norma", world["norma"].password)).modern("tools/list"), 403)


def test_a_wrong_password_of_a_user_without_the_groups_is_401(door):
    refused(mcp.Client(door, mcp.basic("norma", "wrong")).modern("tools/list"))


def test_a_portal_user_with_the_group_enters_with_portal_rights(world, door):
    client = world.client(door, "petra")
    assert client.result("count", {"model": "res.users"})["count"] == 1
    client.refusal("count", {"model": "crm.lead"})


def test_the_session_cookie_of_the_browser_does_not_authenticate(door):
    """Otherwise a web page could act for the user who is signed in."""
    login = http.exchange(
        door.port,
        "POST",
        "/web/session/authenticate",
        [("Content-Type", "application/json")],
        b'{"jsonrpc": "2.0", "params": {"db": "world", "login": "admin", "password": "admin"}}',
    )
    cookie = next(
        value for name, value in login.headers if name == "Set-Cookie" and value.startswith("session_id=")
    ).split(";")[0]
    signed_in = http.exchange(
        door.port,
        "POST",
        "/web/session/get_session_info",
        [("Content-Type", "application/json"), ("Cookie", cookie)],
        b'{"jsonrpc": "2.0", "params": {}}',
    )
    assert signed_in.json["result"]["username"] == "admin"
    refused(mcp.Client(door, headers=[("Cookie", cookie)]).modern("tools/list"))

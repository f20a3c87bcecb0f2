"""Users: no call changes how somebody signs in, what groups a user has, or the texts and settings of everybody."""

import json
from types import SimpleNamespace

import pytest

PARTNER, USER, GROUP, PROMPT = "res.partner", "res.users", "res.groups", "mcp.prompt"
ADDRESS = "other@example.net"
# A restriction that has nothing to do with users.
OTHER = [("crm.tag", {"off": ["unlink"]})]


@pytest.fixture
def client(world, door):
    """An administrator with a key that can have a scope."""
    return world.client(door, "admin", "mcp")


@pytest.fixture
def narrowed(world, restrict):
    """The scope of the administrator's key takes something away: opened users do not suffice for changes of users."""
    with restrict.scope(world["admin"].keys["mcp"], OTHER):
        yield


@pytest.fixture
def plain(world, door):
    """An administrator with a key without a scope, who may set defaults."""
    return world.client(door)


@pytest.fixture(scope="module")
def victim(world):
    """An internal user, whom no call of this module may change."""
    user = world.spare()
    partner = world.db.value("SELECT partner_id FROM res_users WHERE id = %s", user.id)
    return SimpleNamespace(id=user.id, login=user.login, partner=partner)


@pytest.fixture
def unchanged(db, victim):
    """After the test the user signs in as before."""
    before = _signs_in(db, victim)
    yield
    assert _signs_in(db, victim) == before


def _signs_in(db, user):
    return db.row(
        "SELECT u.login, u.password, u.active, u.share, u.partner_id, p.email FROM res_users u"
        " JOIN res_partner p ON p.id = u.partner_id WHERE u.id = %s",
        user.id,
    )


def _create(client, model, **values):
    return client.result("create", {"model": model, "values": json.dumps(values)})["ids"][0]


def _create_refused(client, model, **values):
    return client.refusal("create", {"model": model, "values": json.dumps(values)})


def _write_refused(client, model, record, **values):
    return client.refusal("write", {"model": model, "ids": [record], "values": json.dumps(values)})


def _ref(db, name):
    return db.value("SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = %s", name)


def _groups_of_users(db):
    """A fingerprint of the members and implications of all groups."""
    tables = ("res_groups_users_rel", "res_groups_implied_rel")
    return [db.value(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t") for table in tables]


# -- sign-in -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("narrowed", "unchanged")
@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"login": "other"}, "change login of a user"),
        ({"email": ADDRESS}, "change email of a user"),
        ({"active": False}, "change active of a user"),
        # A user who counts as a portal user has an address that may be changed.
        ({"share": True}, "change share of a user"),
        ({"partner_id": 1}, "change partner_id of a user"),
    ],
)
def test_an_opened_user_keeps_what_decides_who_signs_in(client, restrict, victim, values, why):
    with restrict.access(USER):
        said = _write_refused(client, USER, victim.id, **values)
    assert why in said and "[closed]" in said, said


@pytest.mark.usefixtures("narrowed", "unchanged")
@pytest.mark.parametrize("field", ["password", "new_password"])
def test_an_opened_user_keeps_the_password(client, restrict, victim, field):
    with restrict.access(USER):
        said = _write_refused(client, USER, victim.id, **{field: "another one"})
    assert "holds a secret" in said and "[hidden_field]" in said, said


@pytest.mark.usefixtures("narrowed")
def test_an_opened_user_enters_no_other_company(world, client, db, restrict, victim):
    companies = "SELECT count(*) FROM res_company_users_rel WHERE user_id = %s"
    before = db.value(companies, victim.id)
    with restrict.access(USER):
        said = _write_refused(client, USER, victim.id, company_ids=[[4, world.rival]])
    assert "written to res.company" in said and "[closed]" in said, said
    assert db.value(companies, victim.id) == before


@pytest.mark.usefixtures("narrowed", "unchanged")
@pytest.mark.parametrize("way", ["link", "change", "create"])
def test_no_command_of_another_contact_changes_a_user(client, db, restrict, victim, way):
    other = _create(client, PARTNER, name="Other", email=ADDRESS)
    link, change = [[4, victim.id]], [[1, victim.id, {"login": "other"}]]
    with restrict.access(USER):
        if way == "create":
            said = _create_refused(client, PARTNER, name="Another", email=ADDRESS, user_ids=link)
        else:
            said = _write_refused(client, PARTNER, other, user_ids=link if way == "link" else change)
    field = "login" if way == "change" else "partner_id"
    assert f"change {field} of a user" in said and "[closed]" in said, said
    assert not db.value("SELECT count(*) FROM res_users WHERE partner_id = %s", other)


@pytest.mark.usefixtures("narrowed", "unchanged")
@pytest.mark.parametrize("way", ["lead", "company", "one of many", "dry run"])
def test_no_other_record_changes_the_address_of_a_user(world, client, db, restrict, victim, way):
    lead = _create(client, "crm.lead", name="of the user", partner_id=victim.partner)
    other = _create(client, PARTNER, name="Other", email="before@example.net")
    company = "SELECT partner_id FROM res_company WHERE id = %s"
    before = db.value(company, world.main)
    with restrict.access(USER), restrict.access("res.company"):
        if way == "lead":
            said = _write_refused(client, "crm.lead", lead, email_from=ADDRESS)
        elif way == "company":
            said = _write_refused(client, "res.company", world.main, email=ADDRESS, partner_id=victim.partner)
        elif way == "one of many":
            values = [{"id": other, "email": ADDRESS}, {"id": victim.partner, "email": ADDRESS}]
            said = client.refusal("write", {"model": PARTNER, "values": json.dumps(values)})
            assert said.startswith("values[0] to values[1]: "), said
        else:
            write = {"model": PARTNER, "ids": [victim.partner], "values": json.dumps({"email": ADDRESS})}
            said = client.refusal("write", {**write, "dry_run": True})
    assert "change email of a user" in said and "[closed]" in said, said
    assert db.value("SELECT email FROM res_partner WHERE id = %s", other) == "before@example.net"
    assert db.value(company, world.main) == before


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("methods", [None, "action_merge"])
def test_contacts_are_not_merged_where_this_moves_a_user(world, client, db, restrict, victim, methods):
    """Odoo moves the user to the other contact by SQL. The second caller is restricted and may call the method."""
    wizard = "base.partner.merge.automatic.wizard"
    other = _create(client, PARTNER, name="Other", email=ADDRESS)
    both = {"partner_ids": [[6, 0, [victim.partner, other]]], "dst_partner_id": other}
    with (
        restrict.access(wizard, methods=methods),
        restrict.scope(world["admin"].keys["mcp"], OTHER if methods else []),
    ):
        merge = {"model": wizard, "ids": [_create(client, wizard, **both)], "method": "action_merge"}
        said = client.refusal("method_call", merge)
    assert "how users sign in" in said and "[closed]" in said, said
    contacts = "SELECT count(*) FROM res_partner WHERE id IN (%s, %s)"
    assert db.value(contacts, victim.partner, other) == 2


def test_contacts_without_a_user_are_merged_as_before(client, db, restrict):
    wizard = "base.partner.merge.automatic.wizard"
    one, other = (_create(client, PARTNER, name="Twin", email=ADDRESS) for _time in range(2))
    with restrict.access(wizard):
        made = _create(client, wizard, partner_ids=[[6, 0, [one, other]]], dst_partner_id=other)
        client.result("method_call", {"model": wizard, "ids": [made], "method": "action_merge"})
    assert not db.value("SELECT count(*) FROM res_partner WHERE id = %s", one)


@pytest.mark.usefixtures("unchanged")
def test_an_opened_wizard_sets_no_password(client, restrict, victim):
    line = {"user_id": victim.id, "user_login": victim.login, "new_passwd": "another-One-1"}
    with restrict.access("change.password.wizard"), restrict.access("change.password.user"):
        made = _create(client, "change.password.wizard", user_ids=[[0, 0, line]])
        call = {"model": "change.password.wizard", "ids": [made], "method": "change_password_button"}
        said = client.refusal("method_call", call)
    assert "deals with secrets" in said and "[blocked_method]" in said, said


@pytest.mark.parametrize("method", ["signup_get_auth_param", "action_signup_prepare", "signup_cancel"])
def test_no_method_makes_or_ends_a_link_to_sign_up(client, db, restrict, method):
    partner = _create(client, PARTNER, name="Customer", email="customer@example.net")
    call = {"model": PARTNER, "ids": [partner], "method": method}
    with db.parameter("auth_signup.invitation_scope", "b2c"):
        said = [client.refusal("method_call", call)]
        with restrict.access(PARTNER, methods=method):
            said.append(client.refusal("method_call", call))
    assert all("signs somebody up" in text and "[blocked_method]" in text for text in said), said
    assert db.value("SELECT signup_type FROM res_partner WHERE id = %s", partner) is None


# -- users that Odoo's scheduler deletes --------------------------------------------------------------


def _requests(db, user):
    return db.rows("SELECT id, state FROM res_users_deletion WHERE user_id = %s", user.id)


def test_the_deletion_of_users_is_closed(client, db, victim):
    said = _create_refused(client, "res.users.deletion", user_id=victim.id, state="todo")
    assert "closed to MCP: the deletion of users" in said and "[closed]" in said, said
    assert not _requests(db, victim)


@pytest.mark.parametrize("lines", [[], OTHER])
def test_no_call_asks_the_scheduler_to_delete_a_user(world, client, db, restrict, victim, lines):
    done = db.value("INSERT INTO res_users_deletion (user_id, state) VALUES (%s, 'done') RETURNING id", victim.id)
    try:
        with restrict.access("res.users.deletion"), restrict.scope(world["admin"].keys["mcp"], lines):
            made = _create_refused(client, "res.users.deletion", user_id=victim.id, state="todo")
            changed = _write_refused(client, "res.users.deletion", done, state="todo")
        for said in (made, changed):
            assert "cannot create or delete users" in said and "[closed]" in said, said
        assert _requests(db, victim) == [{"id": done, "state": "done"}]
    finally:
        db.run("DELETE FROM res_users_deletion WHERE user_id = %s", victim.id)


# -- groups ------------------------------------------------------------------------------------------


def _default(client, db, model, field, value):
    """A default value of Odoo for a field, for everybody."""
    number = db.value("SELECT id FROM ir_model_fields WHERE model = %s AND name = %s", model, field)
    return _create(client, "ir.default", field_id=number, json_value=json.dumps(value))


@pytest.mark.usefixtures("narrowed")
@pytest.mark.parametrize("names", ["implied_ids", "implied_by_ids", "implied_ids implied_by_ids", "user_ids"])
def test_a_group_gets_no_members_or_rights_from_defaults(client, plain, db, restrict, victim, names):
    """The values of the call say nothing. Odoo adds the defaults after the first look at the values."""
    values = {
        "implied_ids": [_ref(db, "group_system")],
        "implied_by_ids": [_ref(db, "group_user")],
        "user_ids": [victim.id],
    }
    before = _groups_of_users(db)
    with restrict.access(GROUP), restrict.access("ir.default"):
        made = [_default(plain, db, GROUP, name, values[name]) for name in names.split()]
        try:
            said = _create_refused(client, GROUP, name="With defaults")
        finally:
            # Odoo keeps defaults in memory, so Odoo deletes them.
            plain.result("unlink", {"model": "ir.default", "ids": made})
    assert "decides the groups of a user" in said and "[closed]" in said, said
    assert _groups_of_users(db) == before
    assert not db.value("SELECT count(*) FROM res_groups WHERE name ->> 'en_US' = 'With defaults'")


def test_a_setting_of_mcp_is_not_made_by_a_default(client, plain, db, restrict):
    name = "odoo_mcp.made_by_default"
    with restrict.access("ir.config_parameter"), restrict.access("ir.default"):
        made = _default(plain, db, "ir.config_parameter", "key", name)
        try:
            said = _create_refused(client, "ir.config_parameter", value="x")
        finally:
            plain.result("unlink", {"model": "ir.default", "ids": [made]})
    assert f"{name} is a setting of the MCP server" in said and "[closed]" in said, said
    assert not db.value("SELECT count(*) FROM ir_config_parameter WHERE key = %s", name)


@pytest.mark.usefixtures("narrowed")
@pytest.mark.parametrize("way", ["all members", "a privilege", "a contact"])
def test_no_other_field_or_model_changes_the_groups_of_a_user(world, client, db, restrict, victim, way):
    group, system = _ref(db, "group_no_one"), _ref(db, "group_system")
    before = _groups_of_users(db)
    with restrict.access(GROUP), restrict.access("res.groups.privilege"):
        if way == "all members":
            said = _write_refused(client, GROUP, group, all_user_ids=[[4, victim.id]])
            why = "decides the groups of a user"
        elif way == "a privilege":
            commands = [[0, 0, {"name": "g", "user_ids": [[4, victim.id]]}], [1, group, {"implied_ids": [[4, system]]}]]
            said = _create_refused(client, "res.groups.privilege", name="p", group_ids=commands)
            why = "written to res.users"
        else:
            commands = [[1, victim.id, {"group_ids": [[4, system]]}]]
            said = _write_refused(client, PARTNER, world.partners[0], user_ids=commands)
            why = "res.users is closed to MCP"
    assert why in said and "[closed]" in said, said
    assert _groups_of_users(db) == before


def test_opened_settings_of_odoo_change_no_groups(client, db, restrict):
    settings = "res.config.settings"
    before = _groups_of_users(db)
    with restrict.access(settings):
        made = _create(client, settings, group_multi_currency=True, mcp_read_only=True)
        said = client.refusal("method_call", {"model": settings, "ids": [made], "method": "set_values"})
    assert "decides the groups of a user" in said and "[closed]" in said, said
    assert _groups_of_users(db) == before
    assert not db.value("SELECT count(*) FROM ir_config_parameter WHERE key = 'odoo_mcp.read_only'")


# -- prompts of everybody ----------------------------------------------------------------------------


@pytest.fixture
def prompts(world, db):
    """A global prompt and one of the administrator's own, each with a message and an argument."""
    made = []
    for name, owner in (("users.global", None), ("users.own", world["admin"].id)):
        prompt = db.value(
            "INSERT INTO mcp_prompt (name, user_id, active, sequence) VALUES (%s, %s, true, 1) RETURNING id",
            name,
            owner,
        )
        message = db.value(
            "INSERT INTO mcp_prompt_message (prompt_id, role, kind, text, sequence)"
            " VALUES (%s, 'user', 'text', 'before', 1) RETURNING id",
            prompt,
        )
        argument = db.value(
            "INSERT INTO mcp_prompt_argument (prompt_id, name, sequence) VALUES (%s, 'a', 1) RETURNING id", prompt
        )
        made.append(SimpleNamespace(id=prompt, message=message, argument=argument))
    yield made
    db.run("DELETE FROM mcp_prompt WHERE name LIKE %s", "users.%")


def _prompt(db, prompt):
    return db.row(
        "SELECT p.name, p.title, p.user_id,"
        " (SELECT json_agg(json_build_array(id, text) ORDER BY id) FROM mcp_prompt_message WHERE prompt_id = p.id)"
        " AS messages,"
        " (SELECT json_agg(json_build_array(id, description) ORDER BY id) FROM mcp_prompt_argument"
        " WHERE prompt_id = p.id) AS arguments FROM mcp_prompt p WHERE p.id = %s",
        prompt.id,
    )


# By commands of an own prompt: a list of lines, and the commands. `others` and `own` are the two prompts.
COMMANDS = {
    "changes a message": lambda others, own: ("message_ids", [[1, others.message, {"text": "after"}]]),
    "takes a message": lambda others, own: ("message_ids", [[4, others.message]]),
    "deletes a message": lambda others, own: ("message_ids", [[2, others.message]]),
    "gives a message": lambda others, own: ("message_ids", [[1, own.message, {"prompt_id": others.id}]]),
    "changes an argument": lambda others, own: ("argument_ids", [[1, others.argument, {"description": "after"}]]),
    "deletes an argument": lambda others, own: ("argument_ids", [[2, others.argument]]),
}


@pytest.mark.parametrize("what", COMMANDS)
def test_no_command_of_an_own_prompt_reaches_a_global_one(client, db, prompts, what):
    others, own = prompts
    before = [_prompt(db, prompt) for prompt in prompts]
    field, commands = COMMANDS[what](others, own)
    said = _write_refused(client, PROMPT, own.id, **{field: commands})
    assert "cannot change a global prompt" in said and "[closed]" in said, said
    assert [_prompt(db, prompt) for prompt in prompts] == before


@pytest.mark.parametrize("what", ["changes a message", "takes a message"])
def test_no_command_of_a_new_prompt_reaches_a_global_one(world, client, db, prompts, what):
    before = _prompt(db, prompts[0])
    field, commands = COMMANDS[what](*prompts)
    values = {field: [*commands, [0, 0, {"kind": "text", "text": "x"}]]}
    said = _create_refused(client, PROMPT, name="users.new", user_id=world["admin"].id, **values)
    assert "cannot change a global prompt" in said and "[closed]" in said, said
    assert _prompt(db, prompts[0]) == before
    assert not db.value("SELECT count(*) FROM mcp_prompt WHERE name = 'users.new'")


def test_no_prompt_becomes_a_global_one(client, db, prompts):
    others, own = prompts
    before = [_prompt(db, prompt) for prompt in prompts]
    lines = [[0, 0, {"kind": "text", "text": "x"}]]
    for said in (
        _create_refused(client, PROMPT, name="users.new", user_id=False, message_ids=lines),
        _write_refused(client, PROMPT, own.id, user_id=False),
        _write_refused(client, PROMPT, others.id, title="after"),
        _write_refused(client, "mcp.prompt.message", others.message, prompt_id=own.id),
        client.refusal("unlink", {"model": "mcp.prompt.message", "ids": [others.message]}),
        client.refusal("unlink", {"model": PROMPT, "ids": [others.id]}),
    ):
        assert "cannot change a global prompt" in said and "[closed]" in said, said
    assert [_prompt(db, prompt) for prompt in prompts] == before
    assert not db.value("SELECT count(*) FROM mcp_prompt WHERE name = 'users.new'")


def test_a_refusal_does_not_name_a_prompt_that_the_user_may_not_see(world, door, db, prompts):
    others = prompts[0]
    group = _ref(db, "group_system")
    db.run("INSERT INTO mcp_prompt_group_rel (prompt_id, group_id) VALUES (%s, %s)", others.id, group)
    before = _prompt(db, others)
    sally = world.client(door, "sally")
    seen = sally.result("search", {"model": PROMPT, "fields": ["name"]})
    assert "users.global" not in json.dumps(seen)
    own = _create(sally, PROMPT, name="users.sally", message_ids=[[0, 0, {"kind": "text", "text": "x"}]])
    for said in (
        _write_refused(sally, PROMPT, others.id, title="after"),
        sally.refusal("unlink", {"model": PROMPT, "ids": [others.id]}),
        _write_refused(sally, PROMPT, own, message_ids=[[1, others.message, {"text": "after"}]]),
    ):
        # Odoo's own refusal, as for any record out of reach.
        assert "doesn't have" in said and "Nothing was changed" in said, said
        assert "users.global" not in said and "global prompt" not in said, said
    assert _prompt(db, others) == before

"""Administrators and users create keys and rules in a real browser, and the key then works at /mcp."""

import json

import pytest
from support import mcp
from support.browser import Browser
from support.workers import wait_for

from harness.paths import BUILD, directory

MENUS = """
(() => {
    const menus = odoo.__WOWL_DEBUG__.root.env.services.menu;
    const app = menus.getApps().find((menu) => menu.xmlid === "odoo_mcp.menu_mcp");
    const found = [];
    const look = (menu) => {
        if (menu.actionID) found.push([menu.xmlid, menu.actionID]);
        menu.childrenTree.forEach(look);
    };
    menus.getMenuAsTree(app.id).childrenTree.forEach(look);
    return found;
})()
"""
# The menus that a user sees, and the menus for administrators only.
OWN = {
    "odoo_mcp.menu_mcp_key_scope",
    "odoo_mcp.menu_mcp_ordinary_key",
    "odoo_mcp.menu_mcp_connect",
    "odoo_mcp.menu_mcp_prompt_own",
    "odoo_mcp.menu_mcp_audit_log",
    "odoo_mcp.menu_mcp_session",
}
ADMINISTRATORS = {
    "odoo_mcp.menu_mcp_access",
    "odoo_mcp.menu_mcp_access_closed",
    "odoo_mcp.menu_mcp_tool",
    "odoo_mcp.menu_mcp_resource",
    "odoo_mcp.menu_mcp_prompt_global",
}


@pytest.fixture
def page(world, fast_server):
    """A browser. The fixture deletes the keys that tests create in it."""
    with Browser() as opened:
        yield opened
    world.db.run(
        "DELETE FROM res_users_apikeys k USING mcp_key_scope s WHERE s.api_key_id = k.id AND s.name <> 'Everything'"
    )
    world.db.run("DELETE FROM mcp_access WHERE model = 'res.partner'")


def enter(page, server, person):
    """Signs in and opens the web client with its services accessible."""
    url = f"http://127.0.0.1:{server.port}"
    page.sign_in(url, person.login, person.password)
    page.open(f"{url}/odoo?debug=1")
    page.wait("odoo.__WOWL_DEBUG__?.root?.env?.services?.action !== undefined")


def act(page, action):
    """Opens an action by its id, without state from earlier."""
    action = json.dumps(action)
    options = "{clearBreadcrumbs: true}"
    page.run(f"odoo.__WOWL_DEBUG__.root.env.services.action.doAction({action}, {options}).then(() => true)")


def fill(page, selector, text):
    """Types into a field like a keyboard."""
    page.wait(f"document.querySelector({json.dumps(selector)}) !== null")
    page.run(f"document.querySelector({json.dumps(selector)}).focus()")
    page.command("Input.insertText", text=text)


def choose(page, selector, text, entry):
    """Types into a field that suggests records, and selects the entry."""
    fill(page, selector, text)
    page.click(".o-autocomplete--dropdown-item", entry)


@pytest.mark.parametrize(("login", "more"), [("admin", ADMINISTRATORS), ("sally", set())])
def test_every_menu_opens(page, fast_server, world, login, more):
    enter(page, fast_server, world[login])
    menus = dict(page.run(MENUS))
    assert menus.keys() >= OWN | more
    assert not menus.keys() & (ADMINISTRATORS - more)
    for name, action in menus.items():
        act(page, action)
        # A page, or the dialog of an action that is not a list.
        shown = ".o_action_manager .o_view_controller, .modal .o_form_view"
        page.wait(f"document.querySelector({json.dumps(shown)}) !== null")
        assert page.run("document.querySelector('.o_error_dialog') === null"), name
        page.run("document.querySelectorAll('.modal .btn-close').forEach((button) => button.click())")
        page.wait("document.querySelector('.modal') === null")


def test_a_rule_and_a_key_are_made_by_hand_and_hold(page, fast_server, world, db):
    sally = world["sally"]
    enter(page, fast_server, world["admin"])
    # A rule for everybody: no phone numbers.
    act(page, "odoo_mcp.action_mcp_access")
    page.click(".o_control_panel .o_list_button_add")
    choose(page, ".o_form_view [name=model_id] input", "res.partner", "Contact")
    choose(page, ".o_form_view [name=hidden_field_ids] input", "Phone", "Phone (Contact)")
    page.click(".o_form_button_save")
    page.wait("document.querySelector('.o_form_view [name=model] span').textContent === 'res.partner'")
    # Creates a key for Sally's agent, with a wrong password first.
    act(page, "odoo_mcp.action_mcp_key_scope")
    page.click(".o_control_panel button", "New Key")
    fill(page, ".modal [name=name] input", "By hand")
    page.run("document.querySelector('.modal [name=user_id] input').value = ''")
    choose(page, ".modal [name=user_id] input", "Sally", "Sally")
    page.click(".modal [name=read_only] input")
    # For an administrator the default is named models only.
    page.screenshot(directory(BUILD / "screenshots") / "mcp_key_create.png")
    page.click(".modal [name=reach] input[data-value=all]")
    page.click(".modal [name=action_make]")
    fill(page, ".modal input[type=password]", world["admin"].password)
    page.click(".modal footer .btn-primary, .modal .modal-footer .btn-primary")
    key = page.wait("document.querySelector('.modal [name=key]')?.textContent.match(/[0-9a-f]{40}/)?.[0]")
    client = mcp.Client(fast_server, mcp.bearer(key))
    scope = db.row("SELECT * FROM mcp_key_scope WHERE name = 'By hand'")
    assert (scope["user_id"], scope["read_only"]) == (sally.id, True)
    asked = {"model": "res.partner", "ids": world.partners[:1]}
    assert "phone" not in client.result("read", asked)["columns"]
    assert "hidden" in client.refusal("read", {**asked, "fields": ["phone"]})
    # The list behind the dialog shows the key, and its form revokes the key.
    page.click(".modal footer button, .modal .modal-footer button", "Done")
    page.click(".o_data_row [name=name]", "By hand")
    page.click(".o_form_view [name=action_revoke]")
    page.click(".modal .modal-footer .btn-primary")
    page.wait("document.querySelector('.o_form_view') === null")
    assert client.modern("tools/list").status == 401


def test_what_is_to_be_confirmed_is_set_by_hand_and_holds(page, fast_server, world, db):
    """The settings, and the access record of a model with an allowed method."""
    client = mcp.Client(fast_server, mcp.bearer(world["admin"].key))
    call = {"model": "res.partner", "ids": world.partners[:1], "values": {"function": "x"}}
    enter(page, fast_server, world["admin"])
    try:
        act(page, "base_setup.action_general_configuration")
        page.click(".o_form_view [name=mcp_confirm_person] input")
        page.run("document.querySelector('[name=mcp_confirm]').scrollIntoView({block: 'center'})")
        page.screenshot(directory(BUILD / "screenshots") / "mcp_confirm_settings.png")
        page.run("window.before = true")
        page.click(".o_form_view .o_form_button_save")
        # Odoo reloads the page after saving settings.
        page.wait("window.before === undefined && Boolean(odoo.__WOWL_DEBUG__?.root?.env.services.action)")
        wait_for(lambda: db.rows("SELECT 1 FROM ir_config_parameter WHERE key = 'odoo_mcp.confirm_person'"))
    finally:
        db.set_parameter("odoo_mcp.confirm_person", None)
    act(page, "odoo_mcp.action_mcp_access")
    page.click(".o_control_panel .o_list_button_add")
    choose(page, ".o_form_view [name=model_id] input", "res.partner", "Contact")
    page.click(".o_form_view [name=confirm_write] input")
    page.screenshot(directory(BUILD / "screenshots") / "mcp_confirm_access.png")
    page.click(".o_form_button_save")
    wait_for(lambda: db.rows("SELECT 1 FROM mcp_access WHERE model = 'res.partner' AND confirm_write"))
    assert "must be confirmed" in client.refusal("write", call)


def test_the_page_connect_has_this_servers_address_and_no_key(page, fast_server, world, db):
    enter(page, fast_server, world["sally"])
    act(page, "odoo_mcp.action_mcp_connect")
    address = db.value("SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'") + "/mcp"
    command = page.wait("document.querySelector('.modal .o_field_text[name=claude_code]')?.textContent")
    assert f" {address} " in command
    for tab, field in (("Claude Desktop", "claude_desktop"), ("Gemini CLI", "gemini")):
        page.click(".modal .nav-link", tab)
        text = page.wait(f"document.querySelector('.modal .o_field_text[name={field}]')?.textContent")
        assert address in text
        assert "<API key>" in text
        json.loads(text)

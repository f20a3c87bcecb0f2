"""The audit log in a browser: a record's history from its action menu, and the verification of the whole log."""

import pytest
from support.browser import Browser

from harness.paths import BUILD, directory


@pytest.fixture
def browser():
    """A browser without cookies."""
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(environment, world):
    """A separate Odoo for browser tests: its pages log errors that the other tests forbid."""
    started = environment.odoo(world.name, name="browser", workers=0)
    yield started
    started.stop()


def _picture(name):
    return directory(BUILD / "reports") / f"{name}.png"


def test_the_history_of_a_record_is_in_its_action_menu(world, server, browser):
    partner, other = world.partners[:2]
    admin = world.client(server)
    for ids in ([partner], [other], [partner, other]):
        admin.result("read", {"model": "res.partner", "ids": ids, "fields": ["email"]})
    browser.sign_in(server.url, "admin", "admin")
    browser.open(f"{server.url}/odoo/res.partner/{partner}")
    browser.wait("document.querySelector('.o_form_view .o_form_editable, .o_form_view .o_form_readonly') !== null")
    browser.click(".o_cp_action_menus button.dropdown-toggle, .o_control_panel .o_cp_action_menus .btn")
    browser.click(".o-dropdown--menu .o_menu_item, .o-dropdown--menu .dropdown-item", "MCP History")
    browser.wait("document.querySelector('.o_breadcrumb')?.textContent.includes('MCP History')")
    browser.wait("document.querySelectorAll('.o_list_view .o_data_row').length > 0")
    browser.screenshot(_picture("mcp_history"))
    shown = browser.run(
        "[...document.querySelectorAll('.o_list_view .o_data_row')]"
        ".map((row) => row.textContent.replace(/\\s+/g, ' ')).join('\\n')"
    )
    expected = world.db.value(
        "SELECT count(*) FROM mcp_audit_log WHERE model = 'res.partner' AND record_ids::jsonb @> to_jsonb(%s)", partner
    )
    assert len(shown.splitlines()) == min(expected, 80)
    assert all("res.partner" in line for line in shown.splitlines())


def test_an_administrator_verifies_the_log(world, server, browser):
    world.client(server).modern("tools/list")
    world.db.maintain()
    browser.sign_in(server.url, "admin", "admin")
    action = world.db.value(
        "SELECT res_id FROM ir_model_data WHERE module = 'odoo_mcp' AND name = 'action_mcp_audit_seal'"
    )
    browser.open(f"{server.url}/odoo/action-{action}")
    browser.wait("document.querySelectorAll('.o_list_view .o_data_row').length > 0")
    browser.click("button", "Verify the Audit Log")
    said = browser.wait("document.querySelector('.o_notification')?.textContent")
    browser.screenshot(_picture("audit_verified"))
    assert "The audit log is intact" in said and "Verified rows: " in said

"""The addon's translation template contains exactly the texts that Odoo finds in the addon."""

import pytest

from harness import addon_pot

TEMPLATE = """\
# Translation of Odoo Server.
msgid ""
msgstr ""
"Project-Id-Version: Odoo Server 19.0\\n"
"POT-Creation-Date: 2026-01-02 03:04+0000\\n"

#. module: odoo_mcp
#. odoo-python
#: code:addons/odoo_mcp/core.py:0
#: model:ir.model.fields,help:odoo_mcp.field_mcp_key__name
msgid "A \\"name\\"."
msgstr ""

#. module: odoo_mcp
#: model_terms:ir.ui.view,arch_db:odoo_mcp.view_mcp_key_form
msgid ""
"Two\\n"
"lines"
msgstr ""
"""
NAME = ("code:addons/odoo_mcp/core.py:0", "model:ir.model.fields,help:odoo_mcp.field_mcp_key__name")
LINES = "model_terms:ir.ui.view,arch_db:odoo_mcp.view_mcp_key_form"


@pytest.fixture(scope="module")
def made(environment):
    """Odoo's export of the addon's current texts."""
    database = environment.fresh_database("translations", "plain")
    yield addon_pot.exported(environment, database)
    environment.drop_database(database)


def test_the_template_is_what_odoo_exports(made):
    kept = addon_pot.TEMPLATE.read_text(encoding="utf-8")
    assert len(addon_pot.texts(made)) > 500
    assert addon_pot.differences(kept, made) == [], "run `make addon-pot`"


def test_texts_of_code_fields_views_and_menus_are_in_it(made):
    places = {place for found in addon_pot.texts(made).values() for place in found}
    for beginning in (
        "code:addons/odoo_mcp/policy/deletion.py:",
        "code:addons/odoo_mcp/models/mcp_tool.py:",
        "model:ir.model.fields,help:odoo_mcp.",
        "model:ir.model.fields.selection,name:odoo_mcp.",
        "model_terms:ir.ui.view,arch_db:odoo_mcp.",
        "model:ir.ui.menu,name:odoo_mcp.",
    ):
        assert any(place.startswith(beginning) for place in places), beginning
    # The export contains no texts of other addons and no date, which would differ each time.
    assert "odoo_mcp_test" not in made and "-Date:" not in made


def test_each_text_is_read_with_its_places():
    assert addon_pot.texts(TEMPLATE) == {'A "name".': set(NAME), "Two\nlines": {LINES}}


def test_what_is_missing_or_gone_is_named_and_the_order_and_the_date_are_not():
    header, one, other = TEMPLATE.rstrip().split("\n\n")
    turned = "\n\n".join((header.replace("2026", "2027"), other, one)) + "\n"
    assert addon_pot.differences(TEMPLATE, turned) == []
    shorter = f"{header}\n\n{one}\n"
    assert addon_pot.differences(shorter, TEMPLATE) == [f"missing: 'Two\\nlines' of {LINES}"]
    assert addon_pot.differences(TEMPLATE, shorter) == [f"gone: 'Two\\nlines' of {LINES}"]
    elsewhere = TEMPLATE.replace("core.py", "errors.py")
    moved = ["gone", NAME[0]], ["missing", NAME[0].replace("core.py", "errors.py")]
    assert addon_pot.differences(TEMPLATE, elsewhere) == [f"{what}: 'A \"name\".' of {place}" for what, place in moved]

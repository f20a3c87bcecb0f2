"""`make addon-pot`: exports the addon's translation template with Odoo's own command."""

import ast
import re

from .paths import ADDONS

ADDON = "odoo_mcp"
TEMPLATE = ADDONS / ADDON / "i18n" / f"{ADDON}.pot"
# The dates differ with each export and each build of Odoo.
_DATES = re.compile(r'^"(?:POT-Creation|PO-Revision)-Date: .*\n', re.M)
_BUILD = re.compile(r'^("Project-Id-Version: Odoo Server \d+\.\d+).*(\\n"\n)', re.M)


def exported(environment, database):
    """Exports the template of the addon from a database with Odoo's own command, without the dates.

    The database must not have the test addons, or the template also contains their texts.
    """
    arguments = ("--languages", "pot", "--output", "-", ADDON)
    text = environment.run_odoo("i18n export", database, *arguments).stdout
    return _BUILD.sub(r"\1\2", _DATES.sub("", text))


def texts(template):
    """The texts of a template, each with the set of its references (`#:` comments)."""
    found = {}
    for block in template.split("\n\n"):
        lines = block.splitlines()
        places = {place for line in lines if line.startswith("#: ") for place in line.removeprefix("#: ").split()}
        begins = next((number for number, line in enumerate(lines) if line.startswith("msgid ")), None)
        if begins is None:
            continue
        ends = next(number for number, line in enumerate(lines) if line.startswith("msgstr "))
        quoted = [lines[begins].removeprefix("msgid "), *lines[begins + 1 : ends]]
        text = "".join(ast.literal_eval(part) for part in quoted)
        # The first is the header.
        if text:
            found[text] = places
    return found


def differences(kept, made):
    """The differences between a stored template and a new one: a line for each text and reference."""

    def pairs(template):
        return {(text, place) for text, places in texts(template).items() for place in places}

    one, other = pairs(kept), pairs(made)
    lines = [("missing", pair) for pair in other - one] + [("gone", pair) for pair in one - other]
    return [f"{what}: {text!r} of {place}" for what, (text, place) in sorted(lines, key=lambda line: line[1])]

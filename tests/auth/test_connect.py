"""The README, the page *Connect* and Odoo give the same instructions for connecting a client."""

import importlib.util
import json
import re

from harness.paths import CHECKOUT

# This module does not import Odoo.
_SPEC = importlib.util.spec_from_file_location("connect", CHECKOUT / "odoo_addon" / "odoo_mcp" / "connect.py")
connect = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(connect)


def test_the_readme_shows_the_configurations_of_the_page():
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    part = text.split("## For the user of an AI client")[1].split("\n## ")[0]
    shown = [" ".join(block.split()) for block in re.findall(r"\n\n((?: {4}.*\n)+)", part)]
    made = connect.configurations("https://<your odoo>/mcp")
    command = made.pop("claude_code")
    assert command in shown
    blocks = [json.loads(block) for block in shown if block.startswith("{")]
    assert blocks == [json.loads(made[client]) for client in ("claude_desktop", "cursor", "vscode", "gemini")]

# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The system parameters that hold the settings of the MCP server.

``settings.json`` has the default of each, the range of numbers (both ends included), and the choices of selections. The
last choice applies to an unknown stored value. The core is built with the same file.
"""

import json
from pathlib import Path

# Prefix of their keys.
PREFIX = "odoo_mcp."

SETTINGS = json.loads(Path(__file__).with_name("settings.json").read_text(encoding="utf-8"))

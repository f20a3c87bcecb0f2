# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The system parameters that hold the settings of the MCP server."""

# Prefix of their keys.
PREFIX = "odoo_mcp."

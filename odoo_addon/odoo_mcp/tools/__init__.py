# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Code that the methods of tools share: several records at once, pages, files, groups of records."""

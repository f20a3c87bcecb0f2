# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The part of the core's policy that Odoo applies: records, deletions, users."""

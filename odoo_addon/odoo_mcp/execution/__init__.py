# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Runs a call as the user: its transaction, its result, the values that it changes, its dry run."""

# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "MCP Server",
    "summary": "Let AI clients work in Odoo through the Model Context Protocol",
    "version": "19.0.0.2.0",
    "development_status": "Beta",
    "category": "Productivity",
    "author": "Odoo MCP contributors",
    "license": "LGPL-3",
    "application": True,
    "depends": ["base", "mail", "web"],
    "data": [
        "security/mcp_groups.xml",
        "security/ir.model.access.csv",
        "security/mcp_rules.xml",
        "data/ir_cron.xml",
        "data/mcp_tool.xml",
        "views/mcp_tool_views.xml",
        "views/mcp_session_views.xml",
        "views/mcp_audit_log_views.xml",
        "views/res_config_settings_views.xml",
        "views/mcp_menus.xml",
    ],
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}

# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "MCP Server: tests",
    "summary": "Tools and prompts of another app, well and badly behaved, for the tests of the MCP server",
    "version": "19.0.0.1.0",
    "category": "Hidden",
    "author": "Odoo MCP contributors",
    "license": "LGPL-3",
    "depends": ["odoo_mcp"],
    "data": [
        "security/ir.model.access.csv",
        "data/mcp_tool.xml",
        "data/mcp_prompt.xml",
        "data/mcp_resource.xml",
        "data/mcp_content.xml",
    ],
}

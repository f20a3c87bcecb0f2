# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "MCP Server: conformance fixtures",
    "summary": "The tools, resources and prompts that the official conformance suite asks for by name",
    "version": "19.0.0.1.0",
    "category": "Hidden",
    "author": "Odoo MCP contributors",
    "license": "LGPL-3",
    "depends": ["odoo_mcp"],
    "data": ["data/mcp_tool.xml", "data/mcp_resource.xml", "data/mcp_prompt.xml"],
}

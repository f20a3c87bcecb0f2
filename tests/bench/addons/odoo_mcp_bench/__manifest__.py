{
    "name": "Odoo MCP: yardsticks of the benchmark",
    "summary": "What Odoo's own HTTP layer costs before anything useful is done",
    "version": "1.0",
    "license": "LGPL-3",
    "author": "Odoo MCP contributors",
    "category": "Hidden",
    "depends": ["web"],
    "installable": True,
}
